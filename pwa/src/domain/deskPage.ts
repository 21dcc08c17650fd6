/** Where a supervisor reads a record: in the queue while it waits for a decision, else on the record's own page. Pure. */
import { REVIEWED, type ReviewedKind, waits } from './reviewed'

const OWN_PAGE = new Set(['infrared', 'hazard', 'finding', 'form', 'defect'])

/** Undefined when the record has no page. */
export function deskPage(kind: string, state: string, id: string): string | undefined {
  if (REVIEWED.includes(kind as ReviewedKind) && waits(kind as ReviewedKind, state)) return `/desk/review?record=${id}`
  if (kind === 'violation') return `/desk/violations?record=${id}`
  if (kind === 'repair') return `/job/${id}`
  if (kind === 'equipment' || kind === 'meter_box') return `/find/${kind}/${id}`
  return OWN_PAGE.has(kind) ? `/r/${kind}/${id}` : undefined
}
