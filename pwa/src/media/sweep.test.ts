import { expect, it } from 'vitest'

import type { PhotoState } from '@/sync/db'
import { freshStore } from '@/sync/testing'

import { type Begun, begin, keepPiece, unfinished } from './recording'
import { sweepHeld } from './sweep'

const WEEK = 7 * 86_400_000

it('removes only photos of abandoned forms', async () => {
  const db = freshStore()
  const add = async (sha256: string, state: PhotoState, added_at: number, records: string[] = []) => {
    await db.photos.put({ sha256, size: 1, type: 'image/jpeg', name: null, state, records, offset: 0, url: null, sending: 0, code: null, added_at })
    await db.photoBytes.put({ sha256, bytes: new ArrayBuffer(1) })
  }
  await add('abandoned', 'held', 0)
  await add('in-draft', 'held', 0)
  await add('fresh', 'held', WEEK)
  await add('unsent', 'waiting', 0)
  await add('refused', 'refused', 0)
  await add('saved', 'held', 0, ['r1'])
  await db.drafts.put({ key: 'infrared:x', state: { photos: [{ sha256: 'in-draft' }] }, at: 0 })
  expect(await sweepHeld(db, WEEK + 1)).toBe(1)
  expect((await db.photoBytes.toArray()).map((row) => row.sha256)).toEqual(['fresh', 'in-draft', 'refused', 'saved', 'unsent'])
  expect((await db.photos.get('saved'))?.state).toBe('waiting')
})

it('removes what was recorded only for a form that is gone for a week', async () => {
  const db = freshStore()
  for (const [id, form, at] of [['1', 'hazard:gone', 0], ['2', 'hazard:draft', 0], ['3', 'hazard:gone', WEEK]] as const) {
    const begun: Begun = { id, form, sort: 'voice', type: 'audio/webm', at }
    await begin(db, begun)
    await keepPiece(db, begun, 0, new ArrayBuffer(1))
  }
  await db.drafts.put({ key: 'hazard:draft', state: {}, at: 0 })
  await sweepHeld(db, WEEK + 1)
  expect((await db.photoBytes.toArray()).map((row) => row.sha256)).toEqual(['piece:2:000000', 'piece:3:000000'])
  expect((await unfinished(db, 'hazard:gone')).map(({ id }) => id)).toEqual(['3'])
})

it('removes what was drawn on a photo only when its form is gone for a week', async () => {
  const db = freshStore()
  for (const [sha256, at] of [['abandoned', 0], ['in-draft', 0], ['fresh', WEEK]] as const) await db.drafts.put({ key: `marks:${sha256}`, state: { shapes: [] }, at })
  await db.drafts.put({ key: 'hazard:x', state: { photos: [{ sha256: 'in-draft' }] }, at: 0 })
  await sweepHeld(db, WEEK + 1)
  expect((await db.drafts.toArray()).map(({ key }) => key)).toEqual(['hazard:x', 'marks:fresh', 'marks:in-draft'])
})
