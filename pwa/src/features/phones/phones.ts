/** Which phones are in trouble, and how bad it is. */
import type { components } from '@/api/generated'
import { offBy } from '@/domain/clock'

export type Phone = components['schemas']['Phone']

/**
 * silent: not heard of for a day, with work that it has not sent · photos: announced a day ago and not here ·
 * attention: something waits for its owner · clock: off by more than is told · storage: nearly full, or the browser may
 * clear what is not sent · faults: something failed within a week · old: another version than most.
 */
export const TROUBLES = ['silent', 'photos', 'attention', 'storage', 'clock', 'faults', 'old'] as const
export type Trouble = (typeof TROUBLES)[number]
export const VIEWS = ['all', ...TROUBLES] as const
export type View = (typeof VIEWS)[number]

const DAY_MS = 86_400_000
const LITTLE_BYTES = 500 * 2 ** 20

export interface Bounds {
  now: number
  clockLimitMs: number
  /** What the server serves now; '' unknown. */
  version: string
}

export function unsent(phone: Phone): boolean {
  return (phone.report?.records ?? 0) + (phone.report?.photos ?? 0) + (phone.announced?.photos ?? 0) > 0
}

/** The oldest thing that the phone has and the server has not, ms since 1970. */
export function oldest(phone: Phone): number | undefined {
  const since = [phone.report?.records_since, phone.report?.photos_since, phone.announced?.since].filter((at) => at != null).map((at) => Date.parse(at))
  return since.length > 0 ? Math.min(...since) : undefined
}

export function troublesOf(phone: Phone, bounds: Bounds): Trouble[] {
  if (phone.revoked_at !== null) return []
  const { report } = phone
  const is: Record<Trouble, boolean> = {
    silent: unsent(phone) && (phone.last_seen === null || bounds.now - Date.parse(phone.last_seen) > DAY_MS),
    photos: phone.announced !== null && bounds.now - Date.parse(phone.announced.since) > DAY_MS,
    attention: (report?.attention ?? 0) > 0,
    clock: offBy(phone, bounds.clockLimitMs) !== 0,
    storage: report !== null && ((report.persistent === false && unsent(phone)) || (report.free_bytes ?? Infinity) < LITTLE_BYTES),
    faults: (report?.faults ?? []).length > 0,
    old: bounds.version !== '' && phone.app_version !== '' && phone.app_version !== bounds.version,
  }
  return TROUBLES.filter((trouble) => is[trouble])
}

/** The worst first: silent ones by what waits longest, then by their worst trouble, then those heard of last. */
export function byTrouble(phones: Phone[], bounds: Bounds): { phone: Phone; troubles: Trouble[] }[] {
  const rank = (troubles: Trouble[]) => (troubles.length > 0 ? TROUBLES.indexOf(troubles[0]!) : TROUBLES.length)
  return phones
    .map((phone) => ({ phone, troubles: troublesOf(phone, bounds) }))
    .sort(
      (a, b) =>
        Number(a.phone.revoked_at !== null) - Number(b.phone.revoked_at !== null) ||
        rank(a.troubles) - rank(b.troubles) ||
        (oldest(a.phone) ?? Infinity) - (oldest(b.phone) ?? Infinity) ||
        (b.phone.last_seen ?? '').localeCompare(a.phone.last_seen ?? ''),
    )
}
