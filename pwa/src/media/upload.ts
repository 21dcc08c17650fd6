/**
 * Sends photos by tus 1.0: creation with the bytes up to 1 MB, else pieces of 512 KB to 2 MB.
 *
 * An upload goes on where the server stands, after a kill as after a lost answer. A photo counts as sent only when the
 * server, asked afresh, says that it has the hash.
 */
import { type Call, callJson, type Fetch, jsonCall, Problem, problemOf, Unreachable } from '@/api/client'
import type { PhotoRow, Store } from '@/sync/db'

import { base64, sha256Hex } from './hash'
import { sendAgain } from './kept'

const KB = 1024
const ONE_REQUEST = KB * KB
const LEAST_PIECE = 128 * KB
const FIRST_PIECE = 512 * KB
const LARGEST_PIECE = 2 * KB * KB
const QUICK_MS = 2_000
/** Bytes a second below which a request counts as dead. */
const SLOWEST = 4 * KB

/** Answers that no repetition changes today: a limit may be raised, a format be learnt by tomorrow. */
const FINAL = new Set([413, 415, 422])
const MINUTE_MS = 60_000
const DAY_MS = 1440 * MINUTE_MS
/** How often a photo goes in one pass when another content arrives than was sent. */
const TRANSFERS = 3
/** How long it waits then, and after a refusal: from the first to the last, twice as long each time. */
const SPOILT_MS = { first: 10 * MINUTE_MS, last: 6 * 60 * MINUTE_MS }
const REFUSED_MS = { first: DAY_MS, last: 16 * DAY_MS }
const LOST = 'bytes_lost'
/** The server reads no more in one question (`media/api.py`). */
const MOST = 500

export interface UploadContext {
  db: Store
  call: Fetch
  /** Milliseconds, monotonic. */
  clock: () => number
  /** Milliseconds since 1970, by the phone's clock. */
  now: () => number
  /** Runs between pieces: records that were saved meanwhile go first. */
  between: () => Promise<void>
  /** Bytes that have just been acknowledged, and in how many milliseconds. */
  progress: (bytes: number, ms: number) => Promise<void> | void
  /** Whether a photo may go now: the person's choice of line and size. Asked before each piece. */
  may: (photo: PhotoRow) => Promise<boolean>
}

/** A photo must not go on just now; what went of it stays where it is. */
class HeldBack extends Error {}
/** What this phone keeps of a photo is not what it hashed. */
class BytesLost extends Error {}

/** The piece's length in bytes, following the line's speed. */
export class PieceSize {
  value = FIRST_PIECE
  private quick = 0

  sent(ms: number): void {
    this.quick = ms < QUICK_MS ? this.quick + 1 : 0
    if (this.quick < 2) return
    this.quick = 0
    this.value = Math.min(LARGEST_PIECE, this.value * 2)
  }

  failed(): void {
    this.quick = 0
    this.value = Math.max(LEAST_PIECE, Math.floor(this.value / 2))
  }
}

/** Uploads every photo whose records are already on the server. Unreachable or Problem (401, 5xx) end the pass. */
export async function uploadAll(context: UploadContext, piece: PieceSize): Promise<number> {
  const waiting: PhotoRow[] = []
  for (const photo of await ready(context.db, context.now())) if (await context.may(photo)) waiting.push(photo)
  let done = 0
  for (let i = 0; i < waiting.length; i += MOST) {
    const part = waiting.slice(i, i + MOST)
    const states = await ask(context, part)
    for (const photo of part) {
      const state = states.get(photo.sha256)
      if (state === 'have') {
        await release(context.db, photo.sha256)
        done++
        continue
      }
      await context.between()
      if (!(await context.may(photo))) continue
      if (await uploadOne(context, photo, state === 'partial', piece)) done++
    }
  }
  return done
}

/** Records first: a photo waits while its record's operations have not been sent. */
async function ready(db: Store, now: number): Promise<PhotoRow[]> {
  const waiting = (await toSend(db, now)).sort((a, b) => a.added_at - b.added_at)
  const queued = new Set((await db.outbox.where('status').equals('queued').toArray()).map((op) => op.record))
  const free = waiting.filter((photo) => photo.records.some((record) => !queued.has(record)))
  return free.sort((a, b) => (b.urgent ?? 0) - (a.urgent ?? 0))
}

/** Photos that the server has not got and whose time it is, those that it refused among them. */
export async function toSend(db: Store, now: number): Promise<PhotoRow[]> {
  const photos = await db.photos.where('state').anyOf('waiting', 'refused').toArray()
  return photos.filter(({ state, code, again }) => !(state === 'refused' && code === LOST) && !(again && again.at > now && again.at - now <= REFUSED_MS.last))
}

/** When a photo goes again that did not get in for the nth time. */
function later({ again }: PhotoRow, now: number, { first, last }: typeof REFUSED_MS): { n: number; at: number } {
  const n = (again?.n ?? 0) + 1
  return { n, at: now + Math.min(last, first * 2 ** (n - 1)) }
}

interface Answer {
  photos: { sha256: string; state: 'have' | 'partial' | 'new'; offset: number }[]
}

async function ask({ call }: Pick<UploadContext, 'call'>, photos: PhotoRow[]): Promise<Map<string, 'have' | 'partial' | 'new'>> {
  const body = { photos: photos.map(({ sha256, size }) => ({ sha256, size })) }
  const answer = await callJson<Answer>(call, '/api/v1/photos/missing', jsonCall('POST', body))
  return new Map(answer.photos.map((photo) => [photo.sha256, photo.state]))
}

/**
 * After a restore: sent photos that the server lacks go again while their bytes are here. It is asked for each, since the
 * record that lacks one may be none that this phone is sent: closed long ago, or out of its person's sight.
 */
export async function offerAgain(db: Store, call: Fetch): Promise<void> {
  const kept = await db.photos.bulkGet(await db.photoBytes.toCollection().primaryKeys())
  const sent = kept.filter((photo) => photo?.state === 'have') as PhotoRow[]
  for (let i = 0; i < sent.length; i += MOST) {
    const part = sent.slice(i, i + MOST)
    const states = await ask({ call }, part)
    await sendAgain(db, part.map((photo) => photo.sha256).filter((sha256) => states.get(sha256) !== 'have'))
  }
}

/** The server proved that it has the photo: from now on its bytes may go, see kept.ts. */
async function release(db: Store, sha256: string): Promise<void> {
  await db.photos.where('sha256').equals(sha256).modify((photo) => {
    Object.assign(photo, { state: 'have', sending: 0, code: null, sent_at: Date.now() })
    delete photo.again
  })
}

/** The bytes stay, and are offered again by themselves. */
async function refuse({ db, now }: UploadContext, photo: PhotoRow, code: string): Promise<void> {
  await db.photos.update(photo.sha256, { state: 'refused', sending: 0, code, again: later(photo, now(), REFUSED_MS) })
}

/** True when the server has it. A refusal is stored with its code; the bytes stay. */
async function uploadOne(context: UploadContext, photo: PhotoRow, begun: boolean, piece: PieceSize): Promise<boolean> {
  const { db } = context
  const row = await db.photoBytes.get(photo.sha256)
  if (!row) {
    await refuse(context, photo, LOST)
    return false
  }
  await db.photos.update(photo.sha256, { sending: 1 })
  try {
    await transferWhole(context, photo, row.bytes, begun, piece)
  } catch (error) {
    if (error instanceof HeldBack) return false
    if (limited(error)) throw new Unreachable(error, 413) // even the smallest piece, today: it may be another way tomorrow
    if (error instanceof BytesLost) await refuse(context, photo, LOST)
    else if (!(error instanceof Problem) || !FINAL.has(error.status)) throw error
    else if (error.code === 'hash_mismatch') await db.photos.update(photo.sha256, { state: 'waiting', code: null, again: later(photo, context.now(), SPOILT_MS) })
    else await refuse(context, photo, error.code)
    return false
  } finally {
    await db.photos.update(photo.sha256, { sending: 0 })
  }
  if ((await ask(context, [photo])).get(photo.sha256) !== 'have') return false
  await release(db, photo.sha256)
  return true
}

/**
 * Where another content arrived than was sent, the server has thrown it away: the photo goes anew from its first byte.
 * Problem hash_mismatch after the last attempt; BytesLost where the fault is on this phone.
 */
async function transferWhole(context: UploadContext, photo: PhotoRow, bytes: ArrayBuffer, begun: boolean, piece: PieceSize): Promise<void> {
  let from = photo
  for (let left = TRANSFERS - 1; ; left--) {
    try {
      return await transfer(context, from, bytes, begun && from === photo, piece)
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'hash_mismatch') throw error
      if ((await sha256Hex(bytes)) !== photo.sha256) throw new BytesLost()
      from = { ...photo, url: null, offset: 0 }
      await context.db.photos.update(photo.sha256, { url: null, offset: 0 })
      if (left === 0) throw error
    }
  }
}

async function transfer(context: UploadContext, photo: PhotoRow, bytes: ArrayBuffer, begun: boolean, piece: PieceSize): Promise<void> {
  let at = photo.url ? await head(context, photo.url) : undefined
  let url = photo.url
  let repeats = 0
  if (at === undefined) {
    const made = await create(context, photo, bytes, begun)
    url = made.url
    at = made.offset
    await context.db.photos.update(photo.sha256, { url, offset: at })
  }
  while (at < bytes.byteLength) {
    await context.between()
    if (!(await context.may({ ...photo, offset: at }))) throw new HeldBack()
    const end: number = Math.min(bytes.byteLength, at + piece.value)
    const began = context.clock()
    let response: Response
    try {
      response = await context.call(url!, await piecePatch(bytes, at, end))
    } catch (error) {
      piece.failed()
      throw error
    }
    if (response.ok) {
      const ms = context.clock() - began
      const now = offsetOf(response)
      await context.progress(end - at, ms)
      at = now
      piece.sent(ms)
      await context.db.photos.update(photo.sha256, { offset: at })
      repeats = 0
      continue
    }
    const problem = await problemOf(response)
    // A stale offset, a take-over, a damaged piece, a proxy's limit: ask where the server stands and go on.
    const status = problem instanceof Problem ? problem.status : 0
    if (++repeats > 8 || !(status === 409 || status === 460 || status === 404 || status === 410 || limited(problem))) {
      piece.failed()
      throw problem
    }
    if (status === 460 || limited(problem)) piece.failed()
    at = await head(context, url!)
    if (at !== undefined) continue
    const made = await create(context, photo, bytes, false)
    url = made.url
    at = made.offset
    await context.db.photos.update(photo.sha256, { url, offset: at })
  }
}

async function bodyHeaders(part: ArrayBuffer): Promise<Record<string, string>> {
  return {
    'Content-Type': 'application/offset+octet-stream',
    'Upload-Checksum': `sha256 ${base64(await crypto.subtle.digest('SHA-256', part))}`,
  }
}

async function piecePatch(bytes: ArrayBuffer, at: number, end: number): Promise<Call> {
  const part = bytes.slice(at, end)
  return {
    method: 'PATCH',
    headers: { 'Tus-Resumable': '1.0.0', 'Upload-Offset': String(at), ...(await bodyHeaders(part)) },
    body: new Blob([part]), // fresh from memory: Safari sends nothing for a blob out of IndexedDB (WebKit bug 319985)
    timeoutMs: 20_000 + (part.byteLength / SLOWEST) * 1000,
  }
}

/** Where the server stands; undefined when it knows no such upload, or has just thrown away what it had of it (422). */
async function head(context: UploadContext, url: string): Promise<number | undefined> {
  const response = await context.call(url, { method: 'HEAD', headers: { 'Tus-Resumable': '1.0.0' } })
  if (response.ok) return offsetOf(response)
  if ([404, 410, 422].includes(response.status)) return undefined
  throw await problemOf(response)
}

/** Makes the upload, or finds the one begun before: its address is the same for the same photo. */
async function create(context: UploadContext, photo: PhotoRow, bytes: ArrayBuffer, begun: boolean): Promise<{ url: string; offset: number }> {
  const whole = bytes.byteLength <= ONE_REQUEST && !begun
  const began = context.clock()
  const response = await context.call('/api/v1/uploads', {
    method: 'POST',
    headers: {
      'Tus-Resumable': '1.0.0',
      'Upload-Length': String(bytes.byteLength),
      'Upload-Metadata': metadata(photo),
      ...(whole ? await bodyHeaders(bytes) : {}),
    },
    body: whole ? new Blob([bytes]) : null,
    timeoutMs: 20_000 + (whole ? (bytes.byteLength / SLOWEST) * 1000 : 0),
  })
  if (!response.ok) {
    const problem = await problemOf(response)
    if (whole && limited(problem)) return create(context, photo, bytes, true)
    throw problem
  }
  const location = response.headers.get('Location')
  if (!location) throw stranger(response)
  const url = new URL(location, 'http://origin.invalid').pathname
  const offset = offsetOf(response)
  if (whole && offset === bytes.byteLength) await context.progress(offset, context.clock() - began)
  return { url, offset }
}

/** Where the server says that the upload stands. Unreachable when it is not the server who says so. */
function offsetOf(response: Response): number {
  const text = response.headers.get('Upload-Offset')
  if (text === null) throw stranger(response)
  return Number(text)
}

const stranger = ({ status }: Response): Unreachable => new Unreachable(undefined, status)

/** A proxy's limit on the size of requests. */
const limited = (error: unknown): boolean => error instanceof Problem && error.code === 'http_413'

/** No type: the browser made it out of the file's name, and the server goes by the bytes. */
function metadata(photo: PhotoRow): string {
  const words: [string, string | null][] = [
    ['sha256', photo.sha256],
    ['name', photo.name],
  ]
  return words.flatMap(([key, value]) => (value ? [`${key} ${base64(new TextEncoder().encode(value).buffer)}`] : [])).join(',')
}
