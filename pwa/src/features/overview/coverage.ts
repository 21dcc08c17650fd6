/** How much of the register was looked at. Pure. */
import { daysBefore, quarterStart } from './period'

export const KINDS = ['equipment', 'meter_box'] as const
export const SPANS = ['quarter', 'days30', 'half', 'year'] as const
export type Span = (typeof SPANS)[number]

export interface Covered {
  unit: string
  all: number
  unseen: number
}
export interface Line extends Covered {
  /** Part that was seen, 0 to 1. */
  share: number
  /** The same as it is written: never 100 while something is left out, never 0 while something was seen. */
  percent: number
}

/** The day since which something must have been seen. */
export function sinceOf(span: Span, today: string): string {
  if (span === 'quarter') return quarterStart(today)
  if (span === 'year') return `${today.slice(0, 5)}01-01`
  return daysBefore(today, span === 'days30' ? 30 : 182)
}

/** All together first (unit ''), then by share, the least seen first; nothing where the register is empty. */
export function coverage(units: readonly Covered[]): Line[] {
  if (units.length === 0) return []
  const sum = units.reduce((all, one) => ({ unit: '', all: all.all + one.all, unseen: all.unseen + one.unseen }), { unit: '', all: 0, unseen: 0 })
  return [line(sum), ...units.map(line).sort((a, b) => a.share - b.share || b.unseen - a.unseen)]
}

function line(one: Covered): Line {
  const seen = one.all - one.unseen
  const share = one.all === 0 ? 1 : seen / one.all
  const percent = Math.round(share * 100)
  const bounded = one.unseen > 0 ? Math.min(percent, 99) : percent
  return { ...one, share, percent: seen > 0 ? Math.max(bounded, 1) : bounded }
}
