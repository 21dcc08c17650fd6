/** Times as people say them: relative within a day, exact beyond. */
import { language, t } from '@/app/i18n'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

export function clockTime(iso: string): string {
  return new Date(iso).toLocaleTimeString(language(), { hour: '2-digit', minute: '2-digit', hour12: false })
}

/** Date and time in full, for touch or hover. */
export function exact(iso: string): string {
  return new Date(iso).toLocaleString(language(), { dateStyle: 'medium', timeStyle: 'short', hour12: false })
}

export function ago(iso: string, now: number): string {
  const then = new Date(iso).getTime()
  const age = now - then
  if (age < MINUTE) return t('ago.now')
  if (age < HOUR) return t('ago.minutes', { n: Math.floor(age / MINUTE) })
  const days = Math.round((midnight(now) - midnight(then)) / (24 * HOUR))
  if (days === 0) return t('ago.today', { time: clockTime(iso) })
  if (days === 1) return t('ago.yesterday', { time: clockTime(iso) })
  return new Date(iso).toLocaleDateString(language(), { month: 'short', day: 'numeric', ...(age > 300 * 24 * HOUR ? { year: 'numeric' } : {}) })
}

function midnight(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0)
}

/** 3.4 MB, 12 KB, 10.0 GB */
export function fileSize(bytes: number): string {
  if (bytes >= 1_073_741_824) return `${(bytes / 1_073_741_824).toFixed(1)} GB`
  return bytes < 1_048_576 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1_048_576).toFixed(1)} MB`
}
