/** What must hold once everybody has synced: asked of the phones' databases, their journals and the server's tables. */
import { dayOf } from '@/custody/receipt'
import { type Device, getMeta, type OutRow, type Store } from '@/sync/db'

import { type Dump, type Held, order, type ServerOperation, type ServerRecord } from './control'
import type { Phone, Stored } from './phone'
import { lifted, NEW_KINDS } from './release'

type Fields = Record<string, unknown>

/** By so much a restore lifts every revision, so that those of the lost time are not given again. */
const LOST_REVS = 1_000_000

/** Phones that know which beginning of the server they deal with: the others have yet to ask what a restored one lacks. */
export async function registered(dump: Dump, phones: readonly Phone[]): Promise<Phone[]> {
  const known = await Promise.all(phones.map((phone) => getMeta<Device>(phone.db, 'device')))
  return phones.filter((_, i) => known[i]?.epoch === dump.epoch)
}

/** What any phone was told to be on the server is there, at any moment: asked right after servers were killed. */
export async function acknowledged(dump: Dump, phones: readonly Phone[]): Promise<string[]> {
  const found: string[] = []
  const there = new Map(dump.operations.map((op) => [`${op.device}:${op.n}`, op]))
  for (const phone of phones) {
    for (const row of await phone.db.outbox.toArray()) {
      if (row.status === 'queued' || row.n === 0) continue
      const op = there.get(`${row.device}:${row.n}`)
      if (!op) found.push(`acknowledged and not on the server: ${row.op} ${row.type} of ${row.kind} ${row.record}, n ${row.n} of ${phone.name}`)
      else if (op.payload.id !== row.id || new Date(op.payload.at).getTime() !== new Date(row.at).getTime()) found.push(`n ${row.n} of ${phone.name} is another operation on the server`)
    }
  }
  return found
}

/** A receipt says that a phone's day is whole: each operation that it stored on that day before it asked, each byte of each photo. */
export async function receipted(name: string, journal: readonly Stored[], asked: { spans: { device: string }[] }, receipt: { day: string }): Promise<string[]> {
  const made = journal.filter((op) => dayOf(new Date(op.at)) === receipt.day)
  // A change adds its photo to those that stand there: they may be another phone's, which answers for them itself.
  const photos = [...new Set(made.flatMap((op) => ((op.data.photos ?? []) as { sha256: string }[]).slice(-1).map((photo) => photo.sha256)))]
  const held = await order<Held>({ do: 'held', devices: asked.spans.map((span) => span.device), photos })
  const there = new Set(held.operations.map(({ payload }) => keyOf(payload.op, payload.subject ?? payload.id, payload.id, payload.type ?? '', payload.at, payload.data ?? {})))
  return [
    ...made
      .filter((op) => !there.has(keyOf(op.op, op.record, op.id, op.type, op.at, op.data)))
      .map((op) => `${name} has a receipt for ${receipt.day} without ${op.op} ${op.type} of ${op.kind} ${op.record}`),
    ...photos.filter((sha256) => held.photos[sha256] !== sha256).map((sha256) => `${name} has a receipt for ${receipt.day} without photo ${sha256.slice(0, 8)}`),
  ]
}

/** The servers' settings. `days`: so long phones keep what is closed. */
export interface Today {
  now: number
  days: number
  /** The schema number of today. */
  release: number
}

export async function judge(dump: Dump, phones: readonly Phone[], restored: boolean, today: Today): Promise<string[]> {
  const here = phones.filter((phone) => !phone.lost)
  const found = await acknowledged(dump, here)
  const say = (text: string) => void found.push(text)
  const outboxes = new Map<string, OutRow[]>()
  for (const phone of here) {
    await replica(dump, phone, heldSince(today), say)
    for (const id of new Set(phone.taken)) say(`${phone.name} forgot ${id} while work on it was still to be sent`)
    outboxes.set(phone.name, await phone.db.outbox.toArray())
    await unbroken(phone, say)
    nothingWaits(phone, outboxes.get(phone.name)!, say)
    if (!restored) await stillItself(phone, outboxes.get(phone.name)!, say)
  }
  once(dump, phones.flatMap((phone) => phone.journal), say)
  const named = photosOf(dump)
  const operations = dump.operations.map((op) => (op.schema > 0 && op.schema < today.release ? { ...op, payload: { ...op.payload, data: lifted(op.kind, op.payload.data ?? {}) } } : op))
  for (const record of dump.records) history(record, operations, named.has(record.id), say)
  // A field may be missing where the put that makes a record was refused; one that nobody knows is the server's fault.
  for (const op of dump.operations) if (op.result.issues?.some(({ code }) => code !== 'missing')) say(`${op.op} ${op.payload.type ?? ''} of ${op.kind} ${op.id}, written by schema ${op.schema}, was refused for its form`)
  told(dump, outboxes, say)
  await photographed(dump, here, named, restored, say)
  return found
}

const DAY_MS = 86_400_000
const CLOSED: Record<string, readonly string[]> = { finding: ['accepted', 'rejected'], violation: ['confirmed', 'dismissed'] }

/** Closed records that last changed before this hour are on no phone: the midnight of so many days ago. */
function heldSince({ now, days }: Today): string {
  return new Date(Math.floor((now - days * DAY_MS) / DAY_MS) * DAY_MS).toISOString()
}

/** The phone holds what the server holds within the person's scopes and the window, and nothing else; what it still works on may be older. */
async function replica(dump: Dump, phone: Phone, since: string, say: (text: string) => void): Promise<void> {
  const scopes = new Set(dump.scopes[phone.self.id])
  const fallen = (row: ServerRecord) => row.updated_at < since && (CLOSED[row.kind] ?? []).includes(row.state)
  const known = (row: ServerRecord) => !(phone.old && NEW_KINDS.includes(row.kind))
  const wanted = new Map(dump.records.filter((row) => !row.deleted && scopes.has(row.scope) && known(row)).map((row) => [row.id, row]))
  const busy = new Set((await phone.db.outbox.where('live').equals(1).toArray()).map((op) => op.record))
  for (const row of await phone.db.base.toArray()) {
    const server = wanted.get(row.id)
    if (!server) {
      const real = dump.records.find((each) => each.id === row.id)
      say(`${phone.name} holds ${row.kind} ${row.id} of ${row.scope}, which is ${real ? (real.deleted ? 'deleted' : `in ${real.scope}`) : 'nowhere'}`)
      continue
    }
    wanted.delete(row.id)
    if (fallen(server) && busy.has(row.id)) continue
    if (fallen(server)) say(`${phone.name} still holds ${row.kind} ${row.id}, ${server.state} since ${server.updated_at}`)
    const same = row.rev === server.rev && row.state === server.state && row.scope === server.scope && equal(row.data, server.data) && row.log.length === server.log.length
    if (!same) say(`${phone.name} holds ${row.kind} ${row.id} at rev ${row.rev} (${row.state}), the server at rev ${server.rev} (${server.state})`)
  }
  for (const row of wanted.values()) if (!fallen(row)) say(`${phone.name} misses ${row.kind} ${row.id} rev ${row.rev} of ${row.scope}`)
}

/** Whatever the net and the servers do, the loop ends in an answer or in silence, never in an error of its own. */
async function unbroken(phone: Phone, say: (text: string) => void): Promise<void> {
  const errors = (await phone.db.log.toArray()).filter((row) => row.event === 'sync.broken').map((row) => String(row.facts.error))
  for (const error of new Set(errors)) say(`${phone.name} broke while it synced: ${error}`)
}

function nothingWaits(phone: Phone, outbox: OutRow[], say: (text: string) => void): void {
  for (const op of outbox) {
    if (op.status === 'queued') say(`${phone.name} has still to send ${op.op} ${op.type} ${op.record} (n ${op.n})`)
    if (op.status === 'acked' && op.live === 1) say(`${phone.name} still shows ${op.op} ${op.type} ${op.record} (rev ${op.rev}) over the base`)
  }
}

/** A phone that nobody copied, whose server lost nothing, has no reason to number its operations under a new id. */
async function stillItself(phone: Phone, outbox: OutRow[], say: (text: string) => void): Promise<void> {
  if (phone.copied) return
  const ids = new Set(outbox.map((op) => op.device))
  if (ids.size > 1) say(`${phone.name} took ${ids.size - 1} new device ids without need`)
}

/** Every operation that any phone ever stored is in the operation table exactly once. */
function once(dump: Dump, journal: Stored[], say: (text: string) => void): void {
  const there = new Map<string, number>()
  const schemas = new Map<string, Set<number>>()
  for (const { payload, schema } of dump.operations) {
    const key = keyOf(payload.op, payload.subject ?? payload.id, payload.id, payload.type ?? '', payload.at, payload.data ?? {})
    there.set(key, (there.get(key) ?? 0) + 1)
    schemas.set(key, (schemas.get(key) ?? new Set()).add(schema))
  }
  const stored = new Map<string, { op: Stored; count: number; copied: boolean }>()
  for (const op of journal) {
    const key = keyOf(op.op, op.record, op.id, op.type, op.at, op.data)
    const known = stored.get(key)
    stored.set(key, { op, count: (known?.count ?? 0) + 1, copied: op.copied || (known?.copied ?? false) })
  }
  for (const [key, { op, count, copied }] of stored) {
    const times = there.get(key) ?? 0
    const others = [...(schemas.get(key) ?? [])].filter((schema) => schema !== op.schema)
    if (others.length > 0) say(`${op.op} ${op.type} of ${op.kind} ${op.record}, written by schema ${op.schema} on ${op.phone}, came as of schema ${others.join()}`)
    if (times === 0) say(`lost: ${op.op} ${op.type} of ${op.kind} ${op.record} stored on ${op.phone} at ${op.at}`)
    else if (times > count && !copied) say(`doubled: ${op.op} ${op.type} of ${op.kind} ${op.record} stored ${count}× on ${op.phone}, ${times}× on the server`)
  }
}

function keyOf(op: string, record: string, id: string, type: string, at: string, data: Fields): string {
  return JSON.stringify([op, record, id, type, new Date(at).getTime(), sorted(data)])
}

/** The record is what its operations make of it, by a second and simpler reading of the rules. */
function history(record: ServerRecord, all: readonly ServerOperation[], photographed: boolean, say: (text: string) => void): void {
  const ids = record.log.map((entry) => entry.id)
  if (new Set(ids).size !== ids.length) say(`${record.kind} ${record.id} has an event twice in its log`)
  const operations = all.filter((op) => op.id === record.id)
  for (const op of operations) {
    const entry = op.op === 'event' && op.device !== 'server' && op.status === 'applied'
    if (entry && !ids.includes(op.payload.id)) say(`${record.kind} ${record.id}: event ${op.payload.type} was acknowledged and is not in its log`)
  }
  if (record.kind !== 'meter_box') {
    const revs = new Set(operations.filter((op) => op.status !== 'rejected').map((op) => op.result.rev))
    if (photographed) return
    for (let rev = 1; rev <= record.rev; rev++) {
      if (!revs.has(rev) && rev - 1 + LOST_REVS <= record.rev) rev += LOST_REVS - 1
      else if (!revs.has(rev)) say(`${record.kind} ${record.id}: no operation made rev ${rev} of ${record.rev}`)
    }
    return
  }
  merged(record, operations, say)
}

interface Written {
  value: unknown
  rev: number
  device: string
}

function merged(record: ServerRecord, operations: ServerOperation[], say: (text: string) => void): void {
  const name = `meter_box ${record.id}`
  const at = new Map<number, ServerOperation[]>()
  for (const op of operations) {
    if (op.status === 'rejected') continue
    const rev = op.result.rev ?? 0
    at.set(rev, [...(at.get(rev) ?? []), op])
  }
  const state = new Map<string, Written>()
  for (let rev = 1; rev <= record.rev; rev++) {
    if (!at.has(rev) && rev - 1 + LOST_REVS <= record.rev) {
      rev += LOST_REVS - 1
      for (const op of at.get(rev) ?? []) check(name, state, op, say)
      at.delete(rev)
      continue
    }
    const candidates = (at.get(rev) ?? []).sort((x, y) => (x.received_at < y.received_at ? -1 : x.received_at > y.received_at ? 1 : x.n - y.n))
    // Pushes that shared a transaction have one time of receipt: of two that may have come first, it is the one that was answered so.
    const possible = candidates.filter((op) => changes(state, op))
    const maker = possible.find((op) => equal(spelled(conflictsOf(state, op)), spelled(conflictsSaid(op)))) ?? possible[0]
    if (!maker) {
      say(`${name}: no operation made rev ${rev} of ${record.rev}`)
      return
    }
    for (const op of candidates.filter((each) => each !== maker && equal(spelled(conflictsOf(state, each)), spelled(conflictsSaid(each))) && !changes(state, each))) {
      // Judged before the maker, against the same state: nothing changed then.
      at.set(rev, at.get(rev)!.filter((each) => each !== op))
    }
    check(name, state, maker, say)
    const refused = new Set(conflictsOf(state, maker).map(([field]) => field))
    for (const [field, value] of Object.entries(maker.payload.data ?? {})) {
      if (refused.has(field) || equal(state.get(field)?.value ?? null, value)) continue
      state.set(field, { value, rev, device: maker.device })
    }
    for (const op of at.get(rev) ?? []) {
      if (op === maker) continue
      if (changes(state, op)) say(`${name}: ${JSON.stringify(op.payload.data)} of n ${op.n} answered rev ${rev} and changed nothing`)
      check(name, state, op, say)
    }
    at.delete(rev)
  }
  for (const [rev, left] of at) say(`${name} stands at rev ${record.rev}, ${left.length} operations were answered with rev ${rev}`)
  const body = Object.fromEntries([...state].filter(([, written]) => written.value !== null).map(([field, written]) => [field, written.value]))
  if (!equal(body, stripNulls(record.data))) say(`${name} is ${JSON.stringify(record.data)}, its operations make ${JSON.stringify(body)}`)
}

/** Fields of the operation that somebody else changed after what its author had seen, with both values. */
function conflictsOf(state: Map<string, Written>, op: ServerOperation): [string, unknown, unknown][] {
  return Object.entries(op.payload.data ?? {}).flatMap(([field, value]) => {
    const written = state.get(field)
    if (!written || equal(written.value, value)) return []
    const unseen = written.rev > (op.payload.base ?? 0) && written.device !== op.device
    return unseen ? [[field, written.value ?? null, value] as [string, unknown, unknown]] : []
  })
}

function conflictsSaid(op: ServerOperation): [string, unknown, unknown][] {
  return (op.result.conflicts ?? []).map(({ field, kept, refused }) => [field, kept ?? null, refused ?? null])
}

/** In an order of their own. */
function spelled(conflicts: [string, unknown, unknown][]): string[] {
  return conflicts.map((each) => JSON.stringify(each)).sort()
}

function changes(state: Map<string, Written>, op: ServerOperation): boolean {
  const refused = new Set(conflictsOf(state, op).map(([field]) => field))
  return Object.entries(op.payload.data ?? {}).some(([field, value]) => !refused.has(field) && !equal(state.get(field)?.value ?? null, value))
}

function check(name: string, state: Map<string, Written>, op: ServerOperation, say: (text: string) => void): void {
  if (op.device !== 'server' && (op.payload.base ?? 0) > (op.result.rev ?? 0)) say(`${name}: n ${op.n} claims to have seen rev ${op.payload.base}, it made rev ${op.result.rev}`)
  const wanted = spelled(conflictsOf(state, op))
  const said = spelled(conflictsSaid(op))
  if (!equal(wanted, said)) say(`${name}: n ${op.n} of ${op.device} with base ${op.payload.base} should have lost ${wanted.join()}, was told ${said.join() || 'nothing'}`)
  if ((op.status === 'conflict') !== said.length > 0) say(`${name}: n ${op.n} is ${op.status} with ${said.length} conflicts`)
}

/** Every conflict and refusal in the server's table has reached a phone that sent the operation. */
function told(dump: Dump, outboxes: Map<string, OutRow[]>, say: (text: string) => void): void {
  const known = new Map<string, OutRow[]>()
  for (const op of [...outboxes.values()].flat()) known.set(`${op.device}:${op.n}`, [...(known.get(`${op.device}:${op.n}`) ?? []), op])
  const again = new Set([...outboxes.values()].flat().map((row) => nameOf(row, row.status)))
  for (const op of dump.operations) {
    if (op.device === 'server' || (op.status !== 'conflict' && op.status !== 'rejected')) continue
    // Of a phone and its copy one sent it last, after a restore perhaps: that one is told.
    const rows = known.get(`${op.device}:${op.n}`) ?? []
    const row = rows.find((each) => each.status === op.status) ?? rows[0]
    if (!row || (op.status !== row.status && again.has(nameOf(op.payload, op.status)))) continue // sent by a copy that went on under another number
    if (row.status !== op.status) say(`${op.op} of ${op.kind} ${op.id} is a ${op.status} on the server, ${row.status} on its phone`)
    const lost = (row.conflicts ?? []).map((each) => [each.field, each.kept ?? null, each.refused ?? null])
    if (!equal(lost, conflictsSaid(op))) say(`${op.kind} ${op.id}: the phone was told ${JSON.stringify(lost)} of the conflict ${JSON.stringify(conflictsSaid(op))}`)
  }
}

function nameOf(op: { op: string; id: string; at: string }, status: string): string {
  return `${op.op} ${op.id} ${new Date(op.at).getTime()} ${status}`
}

function photosOf(dump: Dump): Map<string, string[]> {
  const named = new Map<string, string[]>()
  for (const record of dump.records) {
    const photos = record.data.photos
    if (Array.isArray(photos) && photos.length > 0) named.set(record.id, (photos as { sha256: string }[]).map((photo) => photo.sha256))
  }
  for (const op of dump.operations) {
    const photos = op.payload.data?.photos
    if (Array.isArray(photos) && !named.has(op.id)) named.set(op.id, [])
  }
  return named
}

/** A photo is complete only when the stored bytes have its hash; a phone gives its bytes up only then. */
async function photographed(dump: Dump, phones: readonly Phone[], named: Map<string, string[]>, restored: boolean, say: (text: string) => void): Promise<void> {
  const stored = new Map(dump.photos.map((photo) => [photo.sha256, photo.stored]))
  for (const [sha256, hash] of stored) if (sha256 !== hash) say(`photo ${sha256.slice(0, 8)} is complete, its stored bytes hash to ${hash.slice(0, 8) || 'nothing'}`)
  for (const record of dump.records) {
    if (record.deleted) continue
    for (const sha256 of named.get(record.id) ?? []) {
      if (stored.get(sha256) !== sha256) say(`photo ${sha256.slice(0, 8)} of ${record.kind} ${record.id} (${record.state} since ${record.updated_at}, said to be missing: ${record.missing.includes(sha256)}) never arrived; ${(await whereabouts(sha256, phones)).join(', ') || 'no phone knows it'}`)
      else if (record.missing.includes(sha256)) say(`photo ${sha256.slice(0, 8)} of ${record.kind} ${record.id} is here and said to be missing`)
    }
  }
  const said = new Set(dump.captures)
  for (const phone of phones) {
    // A copy counts its statements on from the same number, and the server keeps the first of each.
    for (const row of phone.copied ? [] : await phone.db.captures.toArray()) {
      if (row.sent !== 2 && !said.has(row.jws)) say(`${phone.name} signed photo ${row.sha256.slice(0, 8)}, the server has not heard of it`)
    }
    const held = new Set((await (phone.db as Store).photoBytes.toArray()).map((row) => row.sha256))
    for (const photo of await phone.db.photos.toArray()) {
      // A photo whose bytes a phone gave up again, after some days, is not expected of it after a restore.
      if ((!restored || held.has(photo.sha256)) && photo.state === 'have' && !stored.has(photo.sha256)) say(`${phone.name} believes photo ${photo.sha256.slice(0, 8)} to be on the server`)
      if (photo.state !== 'have' && !held.has(photo.sha256)) say(`${phone.name} has lost the bytes of photo ${photo.sha256.slice(0, 8)}`)
      if (photo.state === 'waiting') say(`${phone.name} has still to send photo ${photo.sha256.slice(0, 8)}`)
    }
  }
}

/** What phones know of a photo. */
async function whereabouts(sha256: string, phones: readonly Phone[]): Promise<string[]> {
  const known = await Promise.all(
    phones.map(async ({ name, db }) => {
      const [photo, bytes] = [await db.photos.get(sha256), await db.photoBytes.where('sha256').equals(sha256).count()]
      return photo ? [`${name} has it as ${photo.state}, ${bytes ? 'with' : 'without'} its bytes`] : []
    }),
  )
  return known.flat()
}

function stripNulls(data: Fields): Fields {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, part]) => [key, sorted(part)]))
}

function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
}
