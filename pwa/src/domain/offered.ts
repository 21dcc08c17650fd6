/** What of units and people a picker offers: those in use. A record that names one that is over goes on showing it. */

export interface Lasting {
  until?: string | null
}

/** Not closed yet, and not left yet, at `now`, ms since 1970. */
export const inUse = ({ until }: Lasting, now: number): boolean => until == null || Date.parse(until) > now

/** Those in use, and the one that the record names already. */
export function offered<T extends { id: string; data: Lasting }>(records: readonly T[], chosen: string | null | undefined, now: number): T[] {
  return records.filter(({ id, data }) => id === chosen || inUse(data, now))
}
