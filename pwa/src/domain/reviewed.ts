/** Which kinds a supervisor decides, and when one of them waits for him. Pure. */
import type { Entry } from '@/api/kinds'

export const REVIEWED = ['infrared', 'hazard', 'finding', 'form', 'repair'] as const
export type ReviewedKind = (typeof REVIEWED)[number]

/** Who handed it in last: of a repair the crew member that restored supply. */
export function handedInBy(record: { kind: ReviewedKind; author: string | null; log: readonly Entry[] }): { id: string; name: string } {
  const last = record.log.findLast((entry) => entry.type === (record.kind === 'repair' ? 'restore' : 'submit'))
  return { id: last?.by ?? record.author ?? '', name: last?.by_name ?? '' }
}

/** Nobody reviews what he made or handed in himself. */
export function isOwn(record: { kind: ReviewedKind; author: string | null; log: readonly Entry[] }, person: string | undefined): boolean {
  return person !== undefined && (record.author === person || handedInBy(record).id === person)
}

/** The state in which a record waits for a supervisor: a repair once supply is restored, all others once submitted. */
export const waitingState = (kind: ReviewedKind): string => (kind === 'repair' ? 'restored' : 'submitted')

export function waits(kind: ReviewedKind, state: string): boolean {
  return state === waitingState(kind)
}

/** Whether it stands in this person's queue. */
export function isFor(person: string | undefined, record: { kind: ReviewedKind; state: string; author: string | null; log: readonly Entry[] }): boolean {
  return waits(record.kind, record.state) && !isOwn(record, person)
}
