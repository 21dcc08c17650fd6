import { expect, test, vi } from 'vitest'

import { adoptStore, draftRow } from '@/sync/db'
import { freshStore } from '@/sync/testing'

import { attach } from './attach'

const now = vi.hoisted(() => ({ decoded: 0, most: 0 }))
vi.mock('./thumb', () => ({
  thumbnail: async () => {
    now.most = Math.max(now.most, ++now.decoded)
    await new Promise((done) => setTimeout(done, 5))
    now.decoded -= 1
  },
}))

test('of ten photos picked at once one is decoded at a time, and a bad one does not stop the others', async () => {
  adoptStore(freshStore())
  const files = Array.from({ length: 10 }, (_, i) => new File([i === 3 ? '' : `photo ${i}`], `${i}.jpg`, { type: 'image/jpeg' }))
  const taken = await Promise.allSettled(files.map((file) => attach(file, 'evidence', { way: 'gallery', pressedMs: 0 })))
  expect(taken.map(({ status }) => status).filter((status) => status === 'rejected')).toHaveLength(1)
  expect(now).toEqual({ decoded: 0, most: 1 })
})

test('what was drawn on a photo goes with the copy that is made of it, and not before the copy is stored', async () => {
  const db = freshStore()
  adoptStore(db)
  const original = 'a'.repeat(64)
  await db.drafts.put(draftRow(`marks:${original}`, { shapes: [] }))
  const keep = () => attach(new File(['copy'], 'copy.jpg', { type: 'image/jpeg' }), 'annotated', { way: 'import', pressedMs: 0, copyOf: original, draft })
  let draft: () => { key: string; state: unknown } = () => {
    throw new Error('full')
  }
  await expect(keep()).rejects.toThrow('full')
  expect(await db.drafts.count()).toBe(1)
  draft = () => ({ key: 'hazard:x', state: {} })
  await keep()
  expect((await db.drafts.toArray()).map(({ key }) => key)).toEqual(['hazard:x'])
})

test('a refused photo that a saved record names is to be sent again when it is picked anew, also if that form is left', async () => {
  const db = freshStore()
  adoptStore(db)
  const file = () => new File(['proof'], 'proof.jpg', { type: 'image/jpeg' })
  const { sha256 } = await attach(file(), 'evidence', { way: 'app', pressedMs: 0 })
  await db.photos.update(sha256, { state: 'refused', records: ['r1'], code: 'too_large' })
  await attach(file(), 'evidence', { way: 'app', pressedMs: 0 })
  expect(await db.photos.get(sha256)).toMatchObject({ state: 'waiting', records: ['r1'], code: null })
  await db.photos.update(sha256, { state: 'refused', records: [] })
  await attach(file(), 'evidence', { way: 'app', pressedMs: 0 })
  expect((await db.photos.get(sha256))?.state).toBe('held')
})
