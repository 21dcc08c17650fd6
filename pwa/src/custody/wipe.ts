/**
 * What a phone forgets when the company has stopped it: all that the server gave it and all that the server has. What
 * only this phone has stays until it was handed over.
 */
import { PIECE } from '@/media/frames'
import type { OutRow, Store } from '@/sync/db'

import { isAside } from './receipt'

/** Where the feed stood, and what was found out about what it brought. */
const OF_THE_FEED = ['cursor', 'held', 'pruned', 'audit', 'round', 'reserve']

const onlyHere = (op: OutRow): boolean => op.status === 'queued' || isAside(op)

/** Removes what the server has. Whether anything is left that only this phone has: operations, photos or forms not saved. */
export async function forgetHeld(db: Store): Promise<boolean> {
  const tables = [db.packs, db.outbox, db.photos, db.photoBytes, db.thumbs, db.captures, db.drafts, db.meta, db.log]
  return db.transaction('rw', tables, async () => {
    const [ops, photos, drafts] = await Promise.all([db.outbox.toArray(), db.photos.toArray(), db.drafts.count()])
    const unsent = photos.filter((photo) => photo.state !== 'have').map((photo) => photo.sha256)
    const pieces = await db.photoBytes.where('sha256').startsWith(PIECE).primaryKeys()
    await Promise.all([
      db.base.clear(),
      db.outbox.bulkDelete(ops.filter((op) => !onlyHere(op)).map((op) => op.seq!)),
      db.photos.where('sha256').noneOf(unsent).delete(),
      db.photoBytes.where('sha256').noneOf([...unsent, ...pieces]).delete(),
      db.thumbs.where('sha256').noneOf(unsent).delete(),
      db.captures.where('sent').notEqual(0).delete(),
      db.meta.bulkDelete(OF_THE_FEED),
      db.log.clear(),
    ])
    return ops.some(onlyHere) || unsent.length + pieces.length + drafts > 0
  })
}
