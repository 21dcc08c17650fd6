/**
 * What this phone signs of its photos: one statement each, under its own key, chained to the one before.
 *
 * Signed as soon as the record is saved, also without a network; sent when all else is. docs/custody.md is the format.
 */
import { callJson, type Fetch, jsonCall, Problem } from '@/api/client'
import type { PhotoRef } from '@/api/kinds'
import { KEEP_MS } from '@/media/kept'
import { type CaptureRow, getMeta, type OutRow, type PhotoRow, setMeta, type Store } from '@/sync/db'
import { device } from '@/sync/outbox'
import { clockOf } from '@/sync/timing'

import { toBase64url, utf8 } from './bytes'
import { isFinal } from './carry'
import { deviceKey } from './keys'
import { Sha256 } from './sha256'

const FORMAT = 'mingcha-capture-2'
const FIRST = '0'.repeat(64)
const AT_ONCE = 100

/** Signs every photo of a saved record that is not signed yet. Nothing where the browser cannot keep a key. */
export async function signCaptures(db: Store, now: Date): Promise<void> {
  const waiting = await db.photos.where('state').anyOf('waiting', 'have').filter((photo) => !photo.signed && photo.records.length > 0).sortBy('added_at')
  if (waiting.length === 0) return
  const pair = await deviceKey(db)
  if (!pair) return
  for (const photo of waiting) while (!(await signOne(db, pair.privateKey, photo, now)));
}

/** False when another page signed meanwhile: the chain has a new end then. */
async function signOne(db: Store, key: CryptoKey, photo: PhotoRow, now: Date): Promise<boolean> {
  const record = photo.records[0]!
  const ops = await db.outbox.where('record').equals(record).sortBy('seq')
  const op = ops.find((one) => named(one, photo.sha256))
  const ref = op && named(op, photo.sha256)
  if (!op || !ref) return true // another way keeps it: a rescue file, an older version's record
  const own = await device(db)
  const last = await end(db, own.id)
  const clock = clockOf(db).now()
  const skew = op.skew ?? (clock && { skew_ms: (clock.low + clock.high) / 2, skew_error_ms: (clock.high - clock.low) / 2 })
  const said = {
    format: FORMAT, device: own.id, n: (last?.n ?? 0) + 1, prev: last ? hash(last.jws) : FIRST, sha256: photo.sha256, size: photo.size, record, role: ref.role,
    taken_at: ref.taken_at, signed_at: now.toISOString(), person: db.person, origin: ref.origin ?? null, skew_ms: skew?.skew_ms ?? null, skew_error_ms: skew?.skew_error_ms ?? null,
    lat: ref.lat ?? null, lon: ref.lon ?? null, accuracy_m: ref.accuracy_m ?? null,
    place_age_ms: ref.place_age_ms ?? null, heading_deg: ref.heading_deg ?? null, copy_of: ref.copy_of ?? null,
  }
  const text = `${toBase64url(utf8(JSON.stringify({ alg: 'ES256', typ: FORMAT })))}.${toBase64url(utf8(JSON.stringify(said)))}`
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, utf8(text))
  const row: CaptureRow = { device: own.id, n: said.n, sha256: photo.sha256, jws: `${text}.${toBase64url(new Uint8Array(signature))}`, sent: 0 }
  return db.transaction('rw', [db.captures, db.photos], async () => {
    if ((await db.photos.get(photo.sha256))?.signed) return true
    if ((await end(db, own.id))?.n !== last?.n) return false
    await db.captures.add(row)
    await db.photos.update(photo.sha256, { signed: 1 })
    return true
  })
}

function end(db: Store, id: string): Promise<CaptureRow | undefined> {
  return db.captures.where('[device+n]').between([id, 0], [id, Infinity]).last()
}

/** The photo as the operation names it. */
function named(op: OutRow, sha256: string): PhotoRef | undefined {
  const changes = (op.data.changes ?? {}) as Record<string, unknown>
  return [op.data.photos, changes.photos].flatMap((photos) => (Array.isArray(photos) ? (photos as PhotoRef[]) : [])).find((photo) => photo.sha256 === sha256)
}

function hash(text: string): string {
  const digest = new Sha256()
  digest.update(utf8(text))
  return digest.hex()
}

/** To a server that began anew, after a restore, goes again what was said of the photos sent within 14 days. */
export async function sayAgain(db: Store, now: Date): Promise<void> {
  const { epoch } = await device(db)
  if (epoch === undefined || epoch === (await getMeta<number>(db, 'saidTo'))) return
  await db.transaction('rw', [db.captures, db.photos, db.meta], async () => {
    const recent = new Set(await db.photos.filter((photo) => (photo.sent_at ?? 0) >= now.getTime() - KEEP_MS).primaryKeys())
    await db.captures.where('sent').equals(1).and((row) => recent.has(row.sha256)).modify({ sent: 0 })
    await setMeta(db, 'saidTo', epoch)
  })
}

/** Sends what the server has not heard. What it refuses for good is kept here and not sent again. Unreachable, Problem (401, 429, 5xx). */
export async function sendCaptures(db: Store, call: Fetch): Promise<void> {
  for (;;) {
    const [first] = await db.captures.where('sent').equals(0).limit(1).toArray()
    if (!first) return
    const rows = (await db.captures.where('[device+n]').between([first.device, 0], [first.device, Infinity]).toArray()).filter((row) => row.sent === 0).slice(0, AT_ONCE)
    let sent: 1 | 2 = 1
    try {
      await callJson(call, '/api/v1/captures', jsonCall('POST', { device: first.device, captures: rows.map((row) => row.jws) }))
    } catch (error) {
      if (error instanceof Problem && error.status === 404) return // a server of an older version: later
      if (!(error instanceof Problem) || !isFinal(error)) throw error
      sent = 2
    }
    await db.captures.where('[device+n]').anyOf(rows.map((row) => [row.device, row.n])).modify({ sent })
  }
}
