/**
 * Bytes of photos that the server has proved to have stay for a while: a server restored from a backup may have lost
 * them again. They go first when the phone needs room.
 */
import type { PhotoRow, Store } from '@/sync/db'

const KEEP_MS = 14 * 24 * 3_600_000
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

function isFull(error: unknown): boolean {
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
