/** What is left until a deadline, in the largest unit that matters. Pure; the words are `record.left`. */

const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 86_400_000

export interface Left {
  key: 'over_days' | 'over_hours' | 'minutes' | 'hours' | 'days'
  n: number
}

/** What is left until a deadline, or how far it is past. */
export function left(until: string, now: number): Left {
  const ms = Date.parse(until) - now
  if (ms <= -DAY) return { key: 'over_days', n: Math.floor(-ms / DAY) }
  if (ms < 0) return { key: 'over_hours', n: Math.max(1, Math.ceil(-ms / HOUR)) }
  if (ms < HOUR) return { key: 'minutes', n: Math.floor(ms / MINUTE) }
  if (ms < 2 * DAY) return { key: 'hours', n: Math.floor(ms / HOUR) }
  return { key: 'days', n: Math.floor(ms / DAY) }
}
