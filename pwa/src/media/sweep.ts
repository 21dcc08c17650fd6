import type { Store } from '@/sync/db'

const KEEP_MS = 7 * 24 * 3_600_000

/** Removes photos that were attached in a form nobody saved: a week old and in no draft. Nothing else is ever removed here. */
export async function sweepHeld(db: Store, now: number): Promise<number> {
  return db.transaction('rw', [db.photos, db.photoBytes, db.thumbs, db.drafts], async () => {
    const old = await db.photos.where('state').equals('held').and((photo) => photo.added_at < now - KEEP_MS).primaryKeys()
    if (old.length === 0) return 0
    const drafts = JSON.stringify((await db.drafts.toArray()).map((draft) => draft.state))
    const gone = old.filter((sha256) => !drafts.includes(sha256))
    for (const table of [db.photos, db.photoBytes, db.thumbs]) await table.bulkDelete(gone)
    return gone.length
  })
}
