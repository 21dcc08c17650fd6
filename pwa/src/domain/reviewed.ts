/** Which kinds a supervisor decides, and when one of them waits for him. Pure. */

export const REVIEWED = ['infrared', 'hazard', 'finding', 'repair'] as const
export type ReviewedKind = (typeof REVIEWED)[number]

/** Whether a record waits for a supervisor: a repair once supply is restored, all others once submitted. */
export function waits(kind: ReviewedKind, state: string): boolean {
  return state === (kind === 'repair' ? 'restored' : 'submitted')
}
