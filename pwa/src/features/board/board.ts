/** The board: defects and repairs by what runs out first. Pure. */

export interface Due {
  id: string
  /** The record asks for nothing any more. */
  closed: boolean
  /** ms since epoch; null when nothing runs. */
  deadline: number | null
}

export type View = 'open' | 'overdue' | 'today' | 'closed' | 'all'
export const VIEWS: readonly View[] = ['open', 'overdue', 'today', 'closed', 'all']

/** Whether a record belongs in a view. `now` and the end of the local day in ms since epoch. */
export function belongs(due: Due, view: View, now: number, dayEnd: number): boolean {
  if (view === 'all') return true
  if (view === 'closed') return due.closed
  if (due.closed) return false
  if (view === 'open') return true
  if (due.deadline === null) return false
  return view === 'overdue' ? due.deadline < now : due.deadline >= now && due.deadline < dayEnd
}

/** What runs out first on top; what has no end after that, what is closed last. */
export function byDeadline(a: Due, b: Due): number {
  const end = (due: Due) => due.deadline ?? Infinity
  return Number(a.closed) - Number(b.closed) || (end(a) === end(b) ? 0 : end(a) - end(b)) || (a.id < b.id ? 1 : -1)
}

/** Which milestone's clock runs: to the place first, then to restored supply. */
export function repairDeadline(state: string, clock: { arrive_by: string | null; restore_by: string | null } | undefined): string | null {
  if (!clock) return null
  if (state === 'new' || state === 'received') return clock.arrive_by
  return ['arrived', 'located', 'repaired', 'returned'].includes(state) ? clock.restore_by : null
}
