/** Records by their ids, and all that the server said, gone through a few packs at a time. */
import type { KindName } from '@/api/kinds'

import { rowsOf } from './base'
import { type BaseRow, store } from './db'
import { isPractice, readRecords, type Rec } from './records'

/** Those of these records that are here and of one of these kinds; none of practice. */
export async function findRecords(kinds: readonly KindName[], ids: readonly string[]): Promise<Rec[]> {
  const wanted = new Set(ids)
  const found = await readRecords(kinds.map((kind) => ({ kind, states: [] })), ids)
  return found.filter((record) => wanted.has(record.id) && kinds.includes(record.kind) && !isPractice(record))
}

/**
 * Rows of these kinds in the next `most` packs behind number `no`, and the last pack's number; undefined behind the newest.
 * What changes gets a higher number: who has come to the end finds only what is new.
 */
export async function behind(no: number, kinds: readonly KindName[], most: number): Promise<{ rows: BaseRow[]; no: number } | undefined> {
  const packs = await store().packs.where(':id').above(no).limit(most).toArray()
  const last = packs.at(-1)
  return last && { rows: packs.filter((pack) => kinds.includes(pack.kind)).flatMap(rowsOf), no: last.no! }
}

/** Number of the newest pack; 0 when there is none. */
export async function newest(): Promise<number> {
  return ((await store().packs.orderBy(':id').lastKey()) as number | undefined) ?? 0
}
