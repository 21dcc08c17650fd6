import { beforeEach, expect, it } from 'vitest'

import { forgetHeld } from '@/custody/wipe'
import type { Store } from '@/sync/db'
import { freshStore } from '@/sync/testing'

import { isRecording, pictures } from './frames'
import { sweepKept } from './kept'
import { type Begun, begin, forget, joined, keepPiece, nearlyFull, unfinished, wayOf } from './recording'

const begun: Begun = { id: 'r1', form: 'hazard:h1', sort: 'voice', type: 'audio/webm', at: 1_700_000_000_000 }
const bytes = (...values: number[]) => new Uint8Array(values).buffer
let db: Store
beforeEach(async () => {
  db = await freshStore()
})

it('is found again after a kill, whole up to the last piece and in order', async () => {
  await begin(db, begun)
  for (let n = 0; n < 12; n++) await keepPiece(db, begun, n, bytes(n, n))
  await begin(db, { ...begun, id: 'r2', form: 'hazard:h2' })
  await keepPiece(db, { ...begun, id: 'r2' }, 0, bytes(99))
  db.close()
  await db.open()
  expect(await unfinished(db, 'hazard:h1')).toEqual([begun])
  const file = await joined(db, begun)
  expect(file).toMatchObject({ name: 'voice.webm', type: 'audio/webm', lastModified: begun.at })
  expect([...new Uint8Array(await file!.arrayBuffer())]).toEqual(Array.from({ length: 24 }, (_, i) => Math.floor(i / 2)))
  await forget(db, begun)
  expect(await unfinished(db, 'hazard:h1')).toEqual([])
  expect(await joined(db, begun)).toBeUndefined()
  expect(await db.photoBytes.count()).toBe(1) // the other form's
})

it('is not lost when room is made for others, nor with what a stopped phone forgets', async () => {
  await begin(db, begun)
  await keepPiece(db, begun, 0, bytes(1))
  await sweepKept(db, Date.now(), 0)
  expect(await forgetHeld(db)).toBe(true)
  expect(await unfinished(db, 'hazard:h1')).toEqual([begun])
  expect(await joined(db, begun)).toBeDefined()
})

it('ends before it is larger than allowed', () => {
  const bounds = { seconds: 30, bytes: 1000 }
  expect(nearlyFull(700, 150, bounds)).toBe(false)
  expect(nearlyFull(701, 150, bounds)).toBe(true)
})

it('takes what the browser can', () => {
  expect(wayOf('voice', (type) => type.startsWith('audio/mp4'))).toBe('audio/mp4')
  expect(wayOf('video', () => true)).toBe('video/webm;codecs=vp8,opus')
  expect(wayOf('video', () => false)).toBeUndefined()
})

it('is no photo where one is asked for', () => {
  const all = ['overall', 'voice', 'video'].map((role) => ({ role }))
  expect(all.filter(isRecording)).toHaveLength(2)
  expect(pictures(all)).toEqual([{ role: 'overall' }])
})
