/** The review queue: what waits, in which order, and what was done today. Pure. */
import type { Entry, Grade } from '@/api/kinds'
import type { ReviewedKind } from '@/domain/reviewed'

/** What the queue needs to know of a record. */
export interface Reviewable {
  id: string
  kind: ReviewedKind
  state: string
  unit?: string
  grade: Grade | null
  log: readonly Entry[]
  at: string
}

export interface Filters {
  kind: ReviewedKind | ''
  unit: string
  /** The lowest grade shown; '' shows ungraded ones too. */
  grade: Grade | ''
}

const RANK: Record<Grade, number> = { normal: 0, general: 1, serious: 2, critical: 3 }
/** Checklist severities (1 minor … 4 critical) in the order of grades. */
const OF_SEVERITY: Record<number, Grade> = { 1: 'general', 2: 'general', 3: 'serious', 4: 'critical' }
const DECISIONS = new Set(['accept', 'return', 'reject'])

export function gradeOfSeverity(severity: number | undefined): Grade | null {
  return severity === undefined ? null : (OF_SEVERITY[severity] ?? null)
}

/** When the record came to the desk: the server's time of its last submit, before that the phone's. ISO 8601. */
export function waitingSince(record: Pick<Reviewable, 'kind' | 'log' | 'at'>): string {
  const sent = record.kind === 'repair' ? 'restore' : 'submit'
  const last = record.log.findLast((entry) => entry.type === sent)
  return last?.received_at ?? last?.at ?? record.at
}

const rank = (grade: Grade | null) => (grade === null ? -1 : RANK[grade])

export function matches(record: Reviewable, filters: Filters): boolean {
  if (filters.kind !== '' && record.kind !== filters.kind) return false
  if (filters.unit !== '' && record.unit !== filters.unit) return false
  return filters.grade === '' || rank(record.grade) >= RANK[filters.grade]
}

/** Ids, the worst grade first; of the same grade, what has waited longest. */
export function byUrgency(records: Iterable<Reviewable>): string[] {
  return [...records]
    .map((record) => ({ id: record.id, rank: rank(record.grade), since: Date.parse(waitingSince(record)) }))
    .sort((a, b) => b.rank - a.rank || a.since - b.since || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id)
}

/**
 * The order to show: what is on screen keeps its place, what is new goes to the end. A record that sync brings while
 * someone is deciding must not move another one under the cursor.
 */
export function steadyOrder(shown: readonly string[], waiting: readonly Reviewable[]): string[] {
  const known = new Set(shown)
  return [...shown, ...byUrgency(waiting.filter((record) => !known.has(record.id)))]
}

/** The id `step` places on from `current` among those still `open`; undefined when there is none that way. */
export function neighbour(
  order: readonly string[],
  current: string | undefined,
  step: 1 | -1,
  open: (id: string) => boolean,
): string | undefined {
  const from = current === undefined ? -1 : order.indexOf(current)
  const start = current === undefined && step === -1 ? order.length : from
  for (let at = start + step; at >= 0 && at < order.length; at += step) {
    const id = order[at]
    if (id !== undefined && open(id)) return id
  }
  return undefined
}

/** After a decision: the next open record below, or the nearest above when the end is reached. */
export function afterDecision(order: readonly string[], current: string, open: (id: string) => boolean) {
  return neighbour(order, current, 1, open) ?? neighbour(order, current, -1, open)
}

/** When this person decided on the record, since `dayStart`; ms since epoch. */
export function decidedSince(log: readonly Entry[], person: string, dayStart: number): number[] {
  // While an answer comes in, an event may stand there twice for a moment: as sent and as known.
  const mine = new Map(log.filter((entry) => DECISIONS.has(entry.type) && entry.by === person).map((entry) => [entry.id, Date.parse(entry.at)]))
  return [...mine.values()].filter((at) => at >= dayStart)
}

/** How many of these other records show one of the photos: the same picture cannot prove two cases. */
export function sharing(record: string, photos: readonly { sha256: string }[], others: Iterable<{ id: string; photos: readonly { sha256: string }[] }>): number {
  const mine = new Set(photos.map(({ sha256 }) => sha256))
  return new Set([...others].filter((other) => other.id !== record && other.photos.some(({ sha256 }) => mine.has(sha256))).map(({ id }) => id)).size
}
