/** The board of the seven zeros: a line for each unit, one number for each zero. Pure. */

export const ZEROS = ['Z1', 'Z2', 'Z3', 'Z4', 'Z5', 'Z6', 'Z7'] as const
export type Zero = (typeof ZEROS)[number]
export interface Count {
  unit: string
  zero: string
  n: number
  before: number
}
export type Numbers = Record<Zero, { n: number; before: number }>
export interface Line {
  unit: string
  zeros: Numbers
  /** All seven together. */
  sum: number
}

function none(): Numbers {
  return Object.fromEntries(ZEROS.map((zero) => [zero, { n: 0, before: 0 }])) as Numbers
}

/** Lines for these units and for those that are counted but not known; the most first, then in the order given. */
export function linesOf(units: readonly string[], counts: readonly Count[]): Line[] {
  const ids = [...new Set([...units, ...counts.map((one) => one.unit)])]
  const lines = ids.map((unit) => lineOf(unit, counts.filter((one) => one.unit === unit)))
  return lines.sort((a, b) => b.sum - a.sum)
}

/** Several counts as one line. */
export function lineOf(unit: string, counts: readonly Count[]): Line {
  const zeros = none()
  for (const { zero, n, before } of counts) {
    const at = zeros[zero as Zero]
    if (!at) continue
    at.n += n
    at.before += before
  }
  return { unit, zeros, sum: ZEROS.reduce((sum, zero) => sum + zeros[zero].n, 0) }
}

/** Where the records of a number stand: the list with these conditions in its address. */
export function listOf(zero: Zero, unit: string, days: { since: string; until: string }): { path: string; query: Record<string, string> } {
  return { path: '/desk/records', query: { zero, ...(unit ? { unit } : {}), since: days.since, until: days.until } }
}
