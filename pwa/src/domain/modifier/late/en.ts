import type { zhCN } from './zh-CN'

export const en = {
  M1: 'Same item a second time in the cycle: doubled',
  M2: 'Same item a third time in the cycle: one class up',
  M3: 'Substantiated complaint: one class up',
  M4: 'Unauthorised change or late reconnection led to a complaint: the cap',
  M5: 'False evidence or obstruction: at least 6',
  M6: 'Reported by the person before any check and put right: half, rounded up',
  M7: 'Complaint again after training: pairing, no extra points',
} satisfies typeof zhCN
