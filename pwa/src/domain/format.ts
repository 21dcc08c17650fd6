/** Times and durations as the desk writes them. Pure. */

const two = (n: number) => String(n).padStart(2, '0')

/** `14:32` of today, `11-23 14:32` of this year, else with the year. Local time. */
export function stamp(iso: string, now: Date): string {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return ''
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`
  const day = `${two(at.getMonth() + 1)}-${two(at.getDate())}`
  if (at.getFullYear() !== now.getFullYear()) return `${at.getFullYear()}-${day} ${clock}`
  const sameDay = at.getMonth() === now.getMonth() && at.getDate() === now.getDate()
  return sameDay ? clock : `${day} ${clock}`
}

/** `2026-11-23 14:32:05`, local time: for a title, where the whole instant is wanted. */
export function exact(iso: string): string {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return ''
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

export interface Lasting {
  key: 'minutes' | 'hours' | 'hours_minutes' | 'days'
  values: Record<string, number>
}

/** A duration in the largest units that still matter: minutes, then hours and minutes, hours, days. */
export function lasting(ms: number): Lasting {
  const minutes = Math.max(0, Math.floor(ms / 60_000))
  if (minutes < 60) return { key: 'minutes', values: { n: minutes } }
  const hours = Math.floor(minutes / 60)
  if (hours >= 48) return { key: 'days', values: { n: Math.floor(hours / 24) } }
  const rest = minutes % 60
  if (hours >= 10 || rest === 0) return { key: 'hours', values: { n: hours } }
  return { key: 'hours_minutes', values: { h: hours, m: rest } }
}

/** `4.2 MB`, `318 KB`. */
export function bytes(size: number): string {
  if (size >= 1_000_000_000) return `${(size / 1_000_000_000).toFixed(1)} GB`
  return size >= 1_000_000 ? `${(size / 1_000_000).toFixed(1)} MB` : `${Math.max(1, Math.round(size / 1000))} KB`
}

/** ms since epoch at which the local day of `now` began. */
export function dayStart(now: Date): number {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime()
}

/** First and last eight characters of a hash: enough to compare with a printed one by eye. */
export function shortHash(hash: string): string {
  return hash.length > 20 ? `${hash.slice(0, 8)}…${hash.slice(-8)}` : hash
}
