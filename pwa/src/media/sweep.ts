import { formDrafts, MARKS, type Store } from '@/sync/db'

import { PIECE } from './frames'

const KEEP_MS = 7 * 24 * 3_600_000

/**
 * Removes photos that were attached in a form nobody saved, a week old and in no draft, and what was recorded for one that
 * is gone as long or drawn on a photo of one. Nothing else is ever removed here; a photo that a saved record names is to be sent.
 */
export async function sweepHeld(db: Store, now: number): Promise<number> {
  return db.transaction('rw', [db.photos, db.photoBytes, db.thumbs, db.drafts, db.meta], async () => {
    const recorded = (await db.meta.where('key').startsWith('recording:').toArray()) as { key: string; value: { id: string; form: string; at: number } }[]
    for (const { key, value } of recorded) {
      if (value.at >= now - KEEP_MS || (await db.drafts.where('key').equals(value.form).count())) continue
      await db.photoBytes.where('sha256').startsWith(`${PIECE}${value.id}:`).delete()
      await db.meta.delete(key)
    }
    const drafts = JSON.stringify((await formDrafts(db).toArray()).map((draft) => draft.state))
    const drawn = await db.drafts.where('key').startsWith(MARKS).toArray()
    await db.drafts.bulkDelete(drawn.filter(({ key, at }) => at < now - KEEP_MS && !drafts.includes(key.slice(MARKS.length))).map(({ key }) => key))
    await db.photos.where('state').equals('held').and((photo) => photo.records.length > 0).modify({ state: 'waiting' })
    const old = await db.photos.where('state').equals('held').and((photo) => photo.added_at < now - KEEP_MS).primaryKeys()
    if (old.length === 0) return 0
    const gone = old.filter((sha256) => !drafts.includes(sha256))
    for (const table of [db.photos, db.photoBytes, db.thumbs]) await table.bulkDelete(gone)
    return gone.length
  })
}
