/** What is still on this phone or needs a person, record by record; and what a person can do about it. */
import type { Ref } from 'vue'

import type { KindName } from '@/api/kinds'
import { RULES } from '@/api/rules'

import { poke } from './bus'
import { type BaseRow, type Conflict, note, type OutRow, type PhotoRow, setMeta, type Store, store } from './db'
import { device as ownDevice, SCHEMA } from './outbox'
import { getRecord, type Rec, useLive } from './records'
import { clockOf } from './timing'

export interface QueueItem {
  id: string
  kind: KindName
  record: Rec
  /** Operations not yet acknowledged. */
  ops: number
  /** What these take, bytes. */
  bytes: number
  photos: PhotoRow[]
}

export interface Queue {
  waiting: QueueItem[]
  attention: QueueItem[]
}

async function read(): Promise<Queue> {
  const db = store()
  const [ops, photos] = await Promise.all([
    db.outbox.where('live').equals(1).toArray(),
    db.photos.where('state').anyOf('waiting', 'refused').toArray(),
  ])
  const kinds = new Map<string, KindName>(ops.map((op) => [op.record, op.kind]))
  for (const id of new Set(photos.flatMap((photo) => photo.records))) {
    const known = kinds.get(id) ?? (await db.base.get(id))?.kind
    if (known) kinds.set(id, known)
  }
  const items: QueueItem[] = []
  for (const [id, kind] of kinds) {
    const record = await getRecord(kind, id)
    if (!record) continue
    const own = ops.filter((op) => op.record === id && op.status === 'queued')
    items.push({
      id,
      kind,
      record: record as Rec,
      ops: own.length,
      bytes: own.reduce((sum, op) => sum + sizeOf(op), 0),
      photos: photos.filter((photo) => photo.records.includes(id)),
    })
  }
  items.sort((a, b) => (a.record.at < b.record.at ? 1 : -1))
  const needsPerson = (item: QueueItem) => item.record.problems.length > 0 || item.photos.some((photo) => photo.state === 'refused')
  return {
    attention: items.filter(needsPerson),
    waiting: items.filter((item) => !needsPerson(item) && (item.ops > 0 || item.photos.length > 0)),
  }
}

/** About what an operation takes on its way, bytes. */
function sizeOf(op: OutRow): number {
  return new TextEncoder().encode(JSON.stringify(op.data)).length + 200
}

export function useQueue(): Ref<Queue | undefined> {
  return useLive(read)
}

/** All photos that wait by now go, whatever was chosen. */
export async function sendPhotosNow(): Promise<void> {
  await setMeta(store(), 'photosNow', Date.now())
  poke('photos-now')
}

/** The photos of this record go before the others, whatever was chosen. */
export async function sendFirst(record: string): Promise<void> {
  await store().photos.where('records').equals(record).and((photo) => photo.state === 'waiting').modify({ urgent: 1 })
  poke('first')
}

/** Tries a refused photo once more. */
export async function retryPhoto(sha256: string): Promise<void> {
  await store().photos.update(sha256, { state: 'waiting', code: null, url: null, offset: 0, again: undefined })
  poke('retry')
}

/**
 * The person has read it and lets it be: the server keeps the refused payload, the phone forgets it. Of a conflict the
 * server is told, by the value that stands, so that nobody else is asked to choose.
 */
export async function letBe(seq: number, now = new Date()): Promise<void> {
  const db = store()
  await db.transaction('rw', [db.outbox, db.packs, db.meta], async () => {
    const op = await db.outbox.get(seq)
    if (!op || op.live === 0) return
    await db.outbox.update(seq, { live: 0 })
    const base = await db.base.get(op.record)
    if (op.status !== 'conflict' || !base || !RULES[op.kind].editable.includes(base.state)) return
    const seen = standing(op, base)
    const data = op.op === 'delete' ? {} : Object.fromEntries((op.conflicts ?? []).map((one) => [one.field, seen.value(one)]))
    await answer(db, op, 'put', data, seen.rev, now)
  })
  await note(db, 'problem.dropped', { seq })
  poke('let-be')
}

/** Sends this phone's value of the fields in conflict, or its delete, once more, now knowing the other's. */
export async function insist(seq: number, now: Date): Promise<void> {
  const db = store()
  await db.transaction('rw', [db.outbox, db.packs, db.meta], async () => {
    const op = await db.outbox.get(seq)
    if (!op || op.live === 0) return
    const base = await db.base.get(op.record)
    const data = op.op === 'delete' ? {} : Object.fromEntries((op.conflicts ?? []).map((conflict) => [conflict.field, conflict.refused]))
    await db.outbox.update(seq, { live: 0 })
    await answer(db, op, op.op, data, standing(op, base).rev, now)
  })
  poke('insist')
}

/** Of the fields in conflict sends this phone's value of some and the server's of all others, knowing both. */
export async function chooseFields(seq: number, mine: readonly string[], now: Date): Promise<void> {
  const db = store()
  await db.transaction('rw', [db.outbox, db.packs, db.meta], async () => {
    const op = await db.outbox.get(seq)
    if (!op || op.live === 0) return
    const base = await db.base.get(op.record)
    const seen = standing(op, base)
    const data = Object.fromEntries((op.conflicts ?? []).map((one) => [one.field, mine.includes(one.field) ? one.refused : seen.value(one)]))
    await db.outbox.update(seq, { live: 0 })
    await answer(db, op, 'put', data, seen.rev, now)
  })
  poke('choose')
}

/** What stands on the server as far as the phone knows: the answer of the conflict may be newer than the last pull. */
function standing(op: OutRow, base: BaseRow | undefined): { rev: number; value: (one: Conflict) => unknown } {
  const read = base && base.rev >= (op.rev ?? 0) ? base : undefined
  return { rev: read?.rev ?? op.rev ?? 0, value: ({ field, kept }) => (read ? (read.data[field] ?? null) : kept) }
}

/** Queues the operation that settles `op`, by somebody who has seen revision `base`. */
async function answer(db: Store, op: OutRow, what: OutRow['op'], data: Record<string, unknown>, base: number, now: Date): Promise<void> {
  const device = await ownDevice(db)
  await db.outbox.add({
    device: device.id, n: device.n + 1, op: what, kind: op.kind, record: op.record, id: op.record, type: '',
    base, at: now.toISOString(), data, schema: SCHEMA, status: 'queued', live: 1, flying: 0, ...clockOf(db).mark(),
  })
  await db.meta.put({ key: 'device', value: { ...device, n: device.n + 1 } })
}

export function syncNow(): void {
  poke('person')
}
