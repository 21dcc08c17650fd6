/**
 * Bytes of photos that the server has proved to have stay for a while: a server restored from a backup may have lost
 * them again. They go first when the phone needs room.
 */
import type { PhotoRow, Store } from '@/sync/db'

/** So long a phone keeps what was sent, for a server that is put back to a backup. */
export const KEEP_MS = 14 * 24 * 3_600_000
const KEEP_BYTES = 512 * 1024 * 1024

/** Removes bytes of sent photos that are older than 14 days or, oldest first, more than 512 MB. Never of unsent ones. */
export async function sweepKept(db: Store, now: number, limit = KEEP_BYTES): Promise<number> {
  return db.transaction('rw', [db.photos, db.photoBytes], async () => {
    const held = new Set(await db.photoBytes.toCollection().primaryKeys())
    const kept = (await db.photos.where('state').equals('have').toArray()).filter((photo) => held.has(photo.sha256))
    const gone: string[] = []
    let bytes = 0
    for (const photo of kept.sort((a, b) => sentAt(b) - sentAt(a))) {
      bytes += photo.size
      if (bytes > limit || sentAt(photo) < now - KEEP_MS) gone.push(photo.sha256)
    }
    await db.photoBytes.bulkDelete(gone)
    return gone.length
  })
}

function sentAt(photo: PhotoRow): number {
  return photo.sent_at ?? 0
}

/** Runs `write`; when the phone is full, once more after the bytes of sent photos have gone. */
export async function makingRoom<T>(db: Store, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (!isFull(error) || (await sweepKept(db, Date.now(), 0)) === 0) throw error
    return write()
  }
}

/** Room set aside for text, bytes: about a thousand records without photos. */
const RESERVE = 1024 * 1024

/** Sets room aside while there is some: given up when not even text fits any more. */
export async function keepReserve(db: Store): Promise<void> {
  if (await db.meta.where('key').equals('reserve').count()) return
  const bytes = new Uint8Array(RESERVE)
  for (let at = 0; at < RESERVE; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536)) // noise does not shrink on disk
  try {
    await db.meta.put({ key: 'reserve', value: bytes.buffer })
  } catch (error) {
    if (!isFull(error)) throw error
  }
}

/**
 * Runs a write of text, which must not fail for want of room nor for a connection that was lost: bytes of sent photos
 * go, then their small views, then the room set aside. Never anything that is not on the server.
 */
export async function savingText<T>(db: Store, write: () => Promise<T>): Promise<T> {
  const ways = [() => sweepKept(db, Date.now(), 0), () => dropSmall(db), () => db.meta.where('key').equals('reserve').delete()]
  let again = true
  let last = true
  for (;;) {
    try {
      return await write()
    } catch (error) {
      if (isFull(error)) {
        let freed = 0
        while (freed === 0 && ways.length > 0) freed = await ways.shift()!()
        if (freed === 0 && !last) throw error
        if (freed === 0) last = false // another write may have made room in the meantime
      } else if (again && isCut(error)) {
        again = false
      } else throw error
    }
  }
}

async function dropSmall(db: Store): Promise<number> {
  const sent = new Set(await db.photos.where('state').equals('have').primaryKeys())
  const gone = (await db.thumbs.toCollection().primaryKeys()).filter((sha256) => sent.has(sha256))
  await db.thumbs.bulkDelete(gone)
  return gone.length
}

/** The transaction was broken off or the connection is gone: what it wrote is undone, and it may be tried again. */
function isCut(error: unknown): boolean {
  return ['AbortError', 'DatabaseClosedError', 'InvalidStateError', 'UnknownError'].includes((error as { name?: string }).name ?? '')
}

/** No room is left on this phone. */
export function isFull(error: unknown): boolean {
  const names = [error, (error as { inner?: unknown })?.inner].map((each) => (each as { name?: string })?.name)
  return names.includes('QuotaExceededError')
}

/** The server says that it lacks these: sent ones whose bytes are still here go again. */
export async function sendAgain(db: Store, sha256s: string[]): Promise<void> {
  for (const photo of await db.photos.bulkGet(sha256s)) {
    if (photo?.state !== 'have' || !(await db.photoBytes.where('sha256').equals(photo.sha256).count())) continue
    await db.photos.update(photo.sha256, { state: 'waiting', url: null, offset: 0 })
  }
}
