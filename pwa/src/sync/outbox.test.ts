import { beforeEach, describe, expect, it } from 'vitest'

import type { Store } from './db'
import { type Change, remove, SaveRefused, store } from './outbox'
import { freshStore, SELF } from './testing'

const ID = '01900000-0000-7000-8000-000000000001'
const NOW = new Date('2026-11-24T08:00:00Z')
let db: Store

function change(more: Partial<Change> = {}): Change {
  return { kind: 'infrared', id: ID, patch: { note: 'warm' }, put: true, drafts: [], ...more }
}

const save = (more: Partial<Change> = {}) => store(db, SELF, NOW, change(more))
const ops = () => db.outbox.orderBy('seq').toArray()

describe('saving', () => {
  beforeEach(() => {
    db = freshStore()
  })

  it('makes one record of ten saves in 300 ms', async () => {
    await Promise.all(Array.from({ length: 10 }, () => save({ event: { type: 'submit', data: {} } })))
    expect((await ops()).map((op) => [op.n, op.op, op.type])).toEqual([[1, 'put', ''], [2, 'event', 'submit']])
  })

  it('numbers operations without gaps, whatever runs at the same time', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => save({ id: `${ID.slice(0, -2)}${String(i + 10)}` })))
    expect((await ops()).map((op) => op.n).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
  })

  it('keeps no half of a character, which would spoil the whole batch', async () => {
    await save({ patch: { note: 'a\uD83D b\uDE00 \u{1F600}' } })
    expect((await ops())[0]!.data).toEqual({ note: 'a\uFFFD b\uFFFD \u{1F600}' })
  })

  it('sends only fields that differ', async () => {
    await save({ patch: { note: 'warm', ambient_c: 12, points: [{ label: 'A', temp_c: 80 }] } })
    await save({ patch: { note: 'warm', ambient_c: 13, points: [{ label: 'A', temp_c: 80 }] } })
    expect((await ops())[1]!.data).toEqual({ ambient_c: 13 })
  })

  it('stores nothing at all when the event is not possible', async () => {
    await save({ event: { type: 'submit', data: {} } })
    const before = await ops()
    await expect(save({ patch: { note: 'later' } })).rejects.toThrow(SaveRefused)
    await expect(save({ patch: {}, event: { type: 'accept', data: {} }, put: false, kind: 'infrared', id: `${ID.slice(0, -1)}9` })).rejects.toThrow(SaveRefused)
    expect(await ops()).toEqual(before)
    expect((await db.meta.get('device'))!.value).toMatchObject({ n: 2 })
  })

  it('lets photos wait for upload and clears the draft in the same transaction', async () => {
    await db.drafts.put({ key: `infrared:${ID}`, state: {}, at: 0 })
    await db.photos.put({ sha256: 'aa', size: 3, type: 'image/jpeg', name: null, state: 'held', records: [], offset: 0, url: null, sending: 0, code: null, added_at: 0 })
    await save({ patch: { photos: [{ sha256: 'aa', size: 3, type: 'image/jpeg', role: 'thermal', taken_at: NOW.toISOString() }] } })
    expect(await db.photos.get('aa')).toMatchObject({ state: 'waiting', records: [ID] })
    expect(await db.drafts.count()).toBe(0)
  })

  it('sends a refused record whole again when it is mended', async () => {
    await save({ patch: { note: 'warm', ambient_c: 12 } })
    await db.outbox.toCollection().modify({ status: 'rejected', code: 'foreign_unit' })
    await save({ patch: { note: 'mended', ambient_c: 12 } })
    const [first, second] = await ops()
    expect(second!.data).toEqual({ note: 'mended', ambient_c: 12 })
    expect(first!.live).toBe(0)
  })

  it('puts an unchanged refused record again', async () => {
    await save()
    await db.outbox.toCollection().modify({ status: 'rejected', code: 'failed' })
    await save()
    expect((await ops()).filter((op) => op.status === 'queued')).toMatchObject([{ op: 'put', data: { note: 'warm' } }])
  })

  it('deletes a draft once', async () => {
    await save()
    await remove(db, SELF, NOW, 'infrared', ID)
    await remove(db, SELF, NOW, 'infrared', ID)
    expect((await ops()).map((op) => op.op)).toEqual(['put', 'delete'])
  })
})
