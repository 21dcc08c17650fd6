/** When photos may go. Records always go, and first. Pure. */
import type { PhotoRow } from '@/sync/db'

const MB = 1024 * 1024

/** What the person chose on the sync page. */
export interface Policy {
  /** now: only when told to. */
  when: 'always' | 'wifi' | 'now'
  /** Megabytes of photos a day; null: no limit. */
  dayMb: number | null
}

export const ALWAYS: Policy = { when: 'always', dayMb: null }

/** What the browser says of the line: one that does not cost, one that may, or it does not say. */
export type Line = 'wifi' | 'mobile' | 'unknown'

export interface Situation {
  policy: Policy
  line: Line
  /** Bytes of photos that went today. */
  sentToday: number
  /** Photos attached until then go all the same: the person said "now". Ms since 1970; 0: never said. */
  nowAt: number
}

/** wifi: waits for Wi-Fi · now: waits for the person's word · day: the day's size is used up. */
export type Held = 'wifi' | 'now' | 'day'

/** Why a photo waits though it could go; undefined: it may. */
export function heldBack(photo: Pick<PhotoRow, 'size' | 'offset' | 'added_at' | 'urgent'>, { policy, line, sentToday, nowAt }: Situation): Held | undefined {
  if (photo.urgent || photo.added_at <= nowAt) return undefined
  if (policy.when === 'now') return 'now'
  if (policy.when === 'wifi' && line !== 'wifi') return 'wifi'
  // One photo a day goes however large it is: else it would never.
  if (policy.dayMb !== null && sentToday > 0 && sentToday + photo.size - photo.offset > policy.dayMb * MB) return 'day'
  return undefined
}

interface Connection {
  type?: string
}

/** Safari and Firefox do not tell, nor does a desktop. */
export function lineOf(connection: Connection | undefined): Line {
  if (connection?.type === 'wifi' || connection?.type === 'ethernet') return 'wifi'
  return connection?.type === 'cellular' ? 'mobile' : 'unknown'
}

/** Minutes that so many bytes need at this rate (bytes a second), rounded up; undefined: the rate is not known. */
export function minutesFor(bytes: number, rate: number): number | undefined {
  return rate > 0 && bytes > 0 ? Math.max(1, Math.ceil(bytes / rate / 60)) : undefined
}
