/** Times as people say them: relative within a day, a date beyond. Pure; the words come from the feature's texts. */

const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 86_400_000

export interface Ago {
  key: 'now' | 'minutes' | 'hours' | 'date'
  n: number
}

export function ago(at: string, now: number): Ago {
  const past = now - Date.parse(at)
  if (past < MINUTE) return { key: 'now', n: 0 }
  if (past < HOUR) return { key: 'minutes', n: Math.floor(past / MINUTE) }
  if (past < DAY) return { key: 'hours', n: Math.floor(past / HOUR) }
  return { key: 'date', n: 0 }
}

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

/** Value of an `<input type="datetime-local">` for an ISO instant, in the phone's zone, to the minute. */
export function toLocalInput(iso: string): string {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return ''
  return new Date(at.getTime() - at.getTimezoneOffset() * MINUTE).toISOString().slice(0, 16)
}

/** The instant that a `datetime-local` value means here; undefined when it is no time. */
export function fromLocalInput(value: string): string | undefined {
  const at = new Date(value)
  return value === '' || Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}
