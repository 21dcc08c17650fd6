/** The ledger as a bank statement. Pure. */

export interface Line {
  n: number
  person: string
  points: number
  balance: number
  decided_at: string
}

/** Newest first, as a statement is read; of one person, or of all when `person` is empty. */
export function statement<L extends Line>(lines: readonly L[], person: string): L[] {
  return lines.filter((line) => person === '' || line.person === person).sort((a, b) => b.n - a.n)
}

/** `+3`, `−1`: a movement carries its sign. */
export function signed(points: number): string {
  return points < 0 ? `−${-points}` : `+${points}`
}

/** The latest line of each person: the balance that counts now. */
export function latest<L extends Line>(lines: readonly L[]): Map<string, L> {
  const found = new Map<string, L>()
  for (const line of lines) {
    const known = found.get(line.person)
    if (known === undefined || known.n < line.n) found.set(line.person, line)
  }
  return found
}
