import { beforeEach, expect, it } from 'vitest'

import type { Store } from '@/sync/db'
import { freshStore } from '@/sync/testing'

import { keptHere } from './small'

let db: Store
let asked: string[]
beforeEach(() => {
  db = freshStore()
  asked = []
})
const answering = (status: number) => (path: string) => {
  asked.push(path)
  return Promise.resolve(new Response(status === 200 ? 'small' : null, { status }))
}

it('a photo of another phone is put by once, while there is a signal', async () => {
  expect(await keptHere(db, 'before', answering(200))).toBe(true)
  expect(await keptHere(db, 'before', answering(200))).toBe(true)
  expect(asked).toEqual(['/api/v1/photos/before/w320'])
  expect((await db.thumbs.get('before'))?.bytes.byteLength).toBe(5)
})

it('what the server does not have, or cannot be asked for, is not here', async () => {
  expect(await keptHere(db, 'before', answering(404))).toBe(false)
  expect(await keptHere(db, 'before', () => Promise.reject(new TypeError('no network')))).toBe(false)
  expect(await db.thumbs.count()).toBe(0)
})
