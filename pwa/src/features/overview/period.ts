/** Times that a board is asked for, as days (`YYYY-MM-DD`) of the company's zone. Pure. */

export const PERIODS = ['month', 'quarter', 'year', 'last_month', 'days'] as const
export type Period = (typeof PERIODS)[number]
export interface Days {
  since: string
  until: string
}

/** China keeps one clock, without summer time. */
const ZONE_MS = 8 * 3_600_000
const DAY_MS = 86_400_000
const DAY = /^\d{4}-\d{2}-\d{2}$/

/** The company's day at a moment, ms since epoch. */
export function dayOf(ms: number): string {
  return new Date(ms + ZONE_MS).toISOString().slice(0, 10)
}

export function quarterStart(today: string): string {
  const month = Number(today.slice(5, 7))
  return `${today.slice(0, 5)}${String(month - ((month - 1) % 3)).padStart(2, '0')}-01`
}

export function daysBefore(today: string, n: number): string {
  return new Date(Date.parse(`${today}T00:00:00Z`) - n * DAY_MS).toISOString().slice(0, 10)
}

/** What is going on ends today, so that it is compared with an equally long time before. */
export function daysOf(period: Exclude<Period, 'days'>, today: string): Days {
  if (period === 'month') return { since: `${today.slice(0, 8)}01`, until: today }
  if (period === 'quarter') return { since: quarterStart(today), until: today }
  if (period === 'year') return { since: `${today.slice(0, 5)}01-01`, until: today }
  const until = daysBefore(`${today.slice(0, 8)}01`, 1)
  return { since: `${until.slice(0, 8)}01`, until }
}

/** What an address says: a period by its name, or days of one's own; this month where it says nothing that can be meant. */
export function asked(query: { period?: unknown; since?: unknown; until?: unknown }, today: string): Days & { period: Period } {
  const { since, until } = query
  if (isDay(since) && isDay(until) && since <= until) return { period: 'days', since, until }
  const period = PERIODS.find((name) => name === query.period && name !== 'days') as Exclude<Period, 'days'> | undefined
  return { period: period ?? 'month', ...daysOf(period ?? 'month', today) }
}

export function isDay(value: unknown): value is string {
  return typeof value === 'string' && DAY.test(value) && !Number.isNaN(Date.parse(`${value}T00:00:00Z`)) && new Date(`${value}T00:00:00Z`).toISOString().startsWith(value)
}
