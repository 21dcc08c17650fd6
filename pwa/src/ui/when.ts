/** Times as people say them: relative within a day, exact beyond. */
import { language, t } from '@/app/i18n'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** In the app's language, 24 h; a formatter is costly, so each is made once. */
const made = new Map<string, Intl.DateTimeFormat>()

function format(iso: string | number, options: Intl.DateTimeFormatOptions): string {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return ''
  const key = language() + JSON.stringify(options)
  let formatter = made.get(key)
  if (!formatter) made.set(key, (formatter = new Intl.DateTimeFormat(language() === 'en' ? 'en-GB' : 'zh-CN', { ...options, hourCycle: 'h23' })))
  return formatter.format(at)
}

/** `14:32` */
export function clockTime(iso: string | number): string {
  return format(iso, { hour: '2-digit', minute: '2-digit' })
}

/** `2026年11月23日 14:32`, `23 November 2026 at 14:32`; empty when it is no time. */
export function exact(iso: string): string {
  return format(iso, { dateStyle: 'long', timeStyle: 'short' })
}

export function ago(iso: string, now: number): string {
  const then = new Date(iso).getTime()
  const age = now - then
  if (age < MINUTE) return t('ago.now')
  if (age < HOUR) return t('ago.minutes', { n: Math.floor(age / MINUTE) })
  const days = Math.round((midnight(now) - midnight(then)) / (24 * HOUR))
  if (days === 0) return t('ago.today', { time: clockTime(iso) })
  if (days === 1) return t('ago.yesterday', { time: clockTime(iso) })
  return format(iso, { month: 'short', day: 'numeric', ...(age > 300 * 24 * HOUR ? { year: 'numeric' } : {}) })
}

function midnight(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0)
}

/** 3.4 MB, 12 KB, 10.0 GB */
export function fileSize(bytes: number): string {
  if (bytes >= 1_073_741_824) return `${(bytes / 1_073_741_824).toFixed(1)} GB`
  return bytes < 1_048_576 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1_048_576).toFixed(1)} MB`
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
