import { expect, test, vi } from 'vitest'

import { adoptStore } from '@/sync/db'
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
