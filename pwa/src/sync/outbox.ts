/**
 * Saving: one strict transaction over records, operations and photos.
 *
 * An operation gets its number in the transaction that stores it, so no number is ever given twice or skipped.
 */
import type { KindName, PhotoRef } from '@/api/kinds'
import { eventFrom, RULES } from '@/api/rules'

import { type Device, type DraftRow, getMeta, type OutRow, setMeta, type Store } from './db'
import { fold, type Self } from './fold'
import { newId } from './ids'
import { clockOf } from './timing'

/** Schema number that this build writes. */
export const SCHEMA = 1

/** The save makes no sense in the record's present state; nothing was stored. */
export class SaveRefused extends Error {
  constructor(readonly code: 'bad_transition') {
    super(code)
    this.name = 'SaveRefused'
  }
}

export interface Change {
  kind: KindName
  id: string
  patch: Record<string, unknown>
  event?: { type: string; data: Record<string, unknown> }
  /** Whether a put may be made; an event alone never creates a record. */
  put: boolean
  /** Keys of form states that go with it. */
  drafts: string[]
  /** A form state that stays, or comes, in their place. */
  left?: DraftRow
}

export async function device(db: Store): Promise<Device> {
  const known = await getMeta<Device>(db, 'device')
  if (known) return known
  const made: Device = { id: crypto.randomUUID(), n: 0, registered: false }
  await setMeta(db, 'device', made)
  return made
}

/** The next registration asks what the server has of what this phone was told to be there. */
export async function askAgain(db: Store): Promise<void> {
  await db.transaction('rw', db.meta, async () => {
    const device = await getMeta<Device>(db, 'device')
    if (device) await setMeta(db, 'device', { ...device, registered: false })
  })
}

/** Stores a change with its photos. The same change again stores nothing: ten taps are one record. */
export async function store(db: Store, self: Self, now: Date, change: Change): Promise<void> {
  const wanted = plain(change)
  await db.transaction('rw', [db.packs, db.outbox, db.photos, db.meta, db.drafts], async () => {
    const base = await db.base.get(wanted.id)
    const ops = await liveOps(db, wanted.id)
    const folded = fold(wanted.kind, wanted.id, base, ops, [], self)
    const rule = RULES[wanted.kind]
    let state = folded?.view.state ?? rule.initial
    const fresh: Omit<OutRow, 'device' | 'n'>[] = []
    const common = {
      kind: wanted.kind,
      record: wanted.id,
      base: base?.rev ?? 0,
      at: now.toISOString(),
      schema: SCHEMA,
      status: 'queued',
      live: 1,
      flying: 0,
      ...clockOf(db).mark(),
    } as const

    if (wanted.put) {
      const data = difference(wanted.patch, folded?.baseline ?? {})
      if (!folded || isRefusedOnly(ops, base !== undefined) || Object.keys(data).length > 0) {
        if (!rule.editable.includes(state)) throw new SaveRefused('bad_transition')
        fresh.push({ ...common, op: 'put', id: wanted.id, type: '', data })
      }
    }
    if (wanted.event) {
      const { type, data } = wanted.event
      const allowed = eventFrom(wanted.kind, state, type)
      if (allowed) {
        state = allowed.target ?? state
        fresh.push({ ...common, op: 'event', id: newId(), type, data })
      } else if (fresh.length > 0 || !alreadyDone(folded?.view.log ?? [], type, self)) {
        throw new SaveRefused('bad_transition')
      }
    }

    if (fresh.length > 0) {
      // What is sent again anew needs no more attention.
      for (const op of ops) {
        if (op.status === 'rejected') await db.outbox.update(op.seq!, { live: 0 })
      }
      const own = await device(db)
      for (const op of fresh) await db.outbox.add({ ...op, device: own.id, n: ++own.n })
      await setMeta(db, 'device', own)
    }
    await keepPhotos(db, wanted.id, [...hashes(wanted.patch), ...hashes(wanted.event?.data ?? {})])
    await db.drafts.bulkDelete([`${wanted.kind}:${wanted.id}`, ...wanted.drafts])
    if (wanted.left) await db.drafts.put(wanted.left)
  })
}

/** Removes a record and what was typed in its form. What was never saved is gone with that; else a delete is sent. */
export async function remove(db: Store, self: Self, now: Date, kind: KindName, id: string): Promise<void> {
  await db.transaction('rw', [db.packs, db.outbox, db.meta, db.drafts], async () => {
    const base = await db.base.get(id)
    const ops = await liveOps(db, id)
    await db.drafts.delete(`${kind}:${id}`)
    if (!fold(kind, id, base, ops, [], self)) return
    const own = await device(db)
    for (const op of ops) if (op.status === 'rejected') await db.outbox.update(op.seq!, { live: 0 })
    await db.outbox.add({
      device: own.id,
      n: ++own.n,
      op: 'delete',
      kind,
      record: id,
      id,
      type: '',
      base: base?.rev ?? 0,
      at: now.toISOString(),
      data: {},
      schema: SCHEMA,
      status: 'queued',
      live: 1,
      flying: 0,
      ...clockOf(db).mark(),
    })
    await setMeta(db, 'device', own)
  })
}

/** Operations of one record that still matter, in order. */
export async function liveOps(db: Store, record: string): Promise<OutRow[]> {
  const ops = await db.outbox.where('record').equals(record).sortBy('seq')
  return ops.filter((op) => op.live === 1)
}

async function keepPhotos(db: Store, record: string, sha256s: string[]): Promise<void> {
  for (const sha256 of sha256s) {
    const photo = await db.photos.get(sha256)
    if (!photo || photo.records.includes(record)) continue
    await db.photos.update(sha256, {
      records: [...photo.records, record],
      state: photo.state === 'held' ? 'waiting' : photo.state,
    })
  }
}

function hashes(data: Record<string, unknown>): string[] {
  const changes = (data.changes ?? {}) as Record<string, unknown>
  return [data.photos, changes.photos].flatMap((photos) => (Array.isArray(photos) ? (photos as PhotoRef[]).map((photo) => photo.sha256) : []))
}

/** Every put so far was refused: the server has no row, the next put must make one. */
function isRefusedOnly(ops: OutRow[], known: boolean): boolean {
  return !known && !ops.some((op) => op.op === 'put' && op.status !== 'rejected')
}

function alreadyDone(log: { type: string; by: string }[], type: string, self: Self): boolean {
  const last = log.at(-1)
  return last?.type === type && last.by === self.id
}

/** Fields of `patch` whose value differs from what is there; `undefined` means "not mentioned". */
export function difference(patch: Record<string, unknown>, from: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(patch).filter(([key, value]) => value !== undefined && !same(value, from[key] ?? null)),
  )
}

export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].every((key) => same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
}

/** Strips Vue's proxies, which IndexedDB cannot clone, `undefined`, and halves of characters, which no server reads. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_, part: unknown) => (typeof part === 'string' ? wellFormed(part) : part)) as T
}

function wellFormed(text: string): string {
  return text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD')
}
