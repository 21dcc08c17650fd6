import { beforeEach, describe, expect, it } from 'vitest'

import type { OutRow, PhotoRow, Store } from '@/sync/db'
import { freshStore } from '@/sync/testing'
import { forgetHeld } from './wipe'

let db: Store

const op = (record: string, change: Partial<OutRow> = {}): OutRow => ({
  device: 'd', n: 1, op: 'put', kind: 'hazard', record, id: record, type: '', base: 0, at: '', data: { note: record }, schema: 1, status: 'acked', live: 0, flying: 0, ...change,
})
const photo = (sha256: string, state: PhotoRow['state']): PhotoRow => ({
  sha256, size: 1, type: 'image/jpeg', name: null, state, records: ['r'], offset: 0, url: null, sending: 0, code: null, added_at: 0,
})
const bytes = (sha256: string) => ({ sha256, bytes: new ArrayBuffer(1) })

async function fill(): Promise<void> {
  await db.base.bulkPut([{ id: 'r', kind: 'hazard', scope: 'u:1', seq: 1, rev: 1, state: 'accepted', author: null, at: '', data: { note: 'secret' }, facts: {}, log: [], missing: [] }])
  await db.outbox.bulkAdd([op('sent'), op('not pulled yet', { live: 1 }), op('refused by the server', { status: 'rejected', live: 1 })])
  await db.photos.put(photo('there', 'have'))
  await db.photoBytes.put(bytes('there'))
  await db.thumbs.bulkPut([bytes('there'), bytes('of another')])
  await db.meta.bulkPut([{ key: 'cursor', value: 'c' }, { key: 'device', value: { id: 'd' } }])
  await db.log.add({ at: 0, event: 'x', facts: { code: 'y' } })
}

const counts = async () => Promise.all([db.base, db.outbox, db.photos, db.photoBytes, db.thumbs, db.drafts, db.log].map((table) => table.count()))

describe('a phone that the company has stopped', () => {
  beforeEach(async () => {
    db = freshStore()
    await fill()
  })

  it('forgets all that the server has, and says when nothing is left', async () => {
    expect(await forgetHeld(db)).toBe(false)
    expect(await counts()).toEqual([0, 0, 0, 0, 0, 0, 0])
    expect(await db.meta.toCollection().primaryKeys()).toEqual(['device'])
  })

  it('keeps what only it has: what waits, what was set aside before it was numbered, photos, forms not saved', async () => {
    await db.outbox.bulkAdd([op('waits', { status: 'queued', live: 1 }), op('aside', { status: 'rejected', n: 0, live: 1 })])
    await db.photos.bulkPut([photo('waiting', 'waiting'), photo('refused', 'refused'), photo('held', 'held')])
    await db.photoBytes.bulkPut(['waiting', 'refused', 'held'].map(bytes))
    await db.thumbs.put(bytes('waiting'))
    await db.drafts.put({ key: 'k', state: {}, at: 0 })
    expect(await forgetHeld(db)).toBe(true)
    expect((await db.outbox.toArray()).map((each) => each.record)).toEqual(['waits', 'aside'])
    expect(await counts()).toEqual([0, 2, 3, 3, 1, 1, 0])
  })

  it.each([
    ['an operation', () => db.outbox.add(op('waits', { status: 'queued', live: 1 }))],
    ['a photo', () => db.photos.put(photo('waiting', 'waiting'))],
    ['a form not saved', () => db.drafts.put({ key: 'k', state: {}, at: 0 })],
  ])('is not empty while it has %s', async (_, add) => {
    await add()
    expect(await forgetHeld(db)).toBe(true)
  })
})
