import Dexie from 'dexie'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type Base, packed } from './base'
import { type BaseRow, Store } from './db'
import { setFilling } from './filling'
import { freshStore, SELF } from './testing'

let db: Store
let base: Base

function row(id: string, change: Partial<BaseRow> = {}): BaseRow {
  return { id, kind: 'meter_box', scope: 'u:1', seq: 1, rev: 1, state: 'live', author: null, at: '', data: { code: id }, facts: {}, log: [], missing: [], ...change }
}

const many = (n: number) => Array.from({ length: n }, (_, i) => row(`r${String(i).padStart(4, '0')}`))
const idsOf = (rows: Iterable<BaseRow>) => [...rows].map((one) => one.id).sort()

describe('the base', () => {
  beforeEach(() => {
    db = freshStore()
    base = db.base
  })

  it('is stored fifty rows together, of one kind, state and scope', async () => {
    await base.add([...many(250), row('other', { kind: 'equipment' }), row('far', { scope: 'u:2' })])
    expect((await db.packs.toArray()).map((pack) => pack.ids.length).sort()).toEqual([1, 1, 50, 50, 50, 50, 50])
    expect(await base.count()).toBe(252)
    expect([await base.isMoreThan(251), await base.isMoreThan(252), await base.isMoreThan(1000)]).toEqual([true, false, false])
    expect(idsOf(await base.ofKinds(['equipment']))).toEqual(['other'])
    expect(idsOf(await base.ofScope('u:2'))).toEqual(['far'])
  })

  it('gives each row by its id, few or many at once', async () => {
    const rows = many(300)
    await base.add(rows)
    expect(await base.get('r0123')).toEqual(rows[123])
    expect(await base.get('unknown')).toBeUndefined()
    expect([...(await base.some(['r0001', 'unknown', 'r0299'])).keys()].sort()).toEqual(['r0001', 'r0299'])
    expect((await base.some([...rows.map((one) => one.id), 'unknown'])).size).toBe(300)
  })

  it('holds a changed row once, under its new state, and leaves its neighbours as they were', async () => {
    await base.add(many(3))
    await base.bulkPut([row('r0001', { rev: 2, state: 'retired', data: { code: 'new' } })])
    expect(idsOf(await base.inStates('meter_box', ['live']))).toEqual(['r0000', 'r0002'])
    expect(await base.inStates('meter_box', ['retired'])).toMatchObject([{ id: 'r0001', rev: 2, data: { code: 'new' } }])
    expect(await base.count()).toBe(3)
  })

  it('forgets rows one by one and the pack with its last', async () => {
    await base.add(many(3))
    await base.bulkDelete(['r0000', 'unknown'])
    expect(idsOf(await base.toArray())).toEqual(['r0001', 'r0002'])
    await base.bulkDelete(['r0001', 'r0002'])
    expect(await db.packs.count()).toBe(0)
  })

  it('never holds a row twice: a write that would is refused whole', async () => {
    await base.add(many(2))
    await expect(db.transaction('rw', db.packs, () => base.add([row('new'), row('r0001', { rev: 9 })]))).rejects.toThrow()
    expect(idsOf(await base.toArray())).toEqual(['r0000', 'r0001'])
    expect((await base.get('r0001'))!.rev).toBe(1)
  })

  describe('while many records come in', () => {
    beforeEach(() => setFilling(true))
    afterEach(() => setFilling(false))

    it('reads each pack once for lists that are read again and again', async () => {
      await base.add(many(100))
      await base.ofKinds(['meter_box'])
      await base.add([row('new')])
      const parse = vi.spyOn(JSON, 'parse')
      expect(idsOf(await base.ofKinds(['meter_box']))).toEqual([...idsOf(many(100)), 'new'].sort())
      expect(parse).toHaveBeenCalledTimes(1)
      parse.mockRestore()
    })

    it('shows what has changed, gone or moved since', async () => {
      await base.add([...many(100), row('far', { scope: 'u:2' })])
      await base.toArray()
      await base.bulkPut([row('r0001', { rev: 2, state: 'retired' })])
      await base.bulkDelete(['r0002'])
      await base.dropScope('u:2')
      const now = await base.toArray()
      expect(idsOf(now)).toEqual(idsOf(many(100)).filter((id) => id !== 'r0002'))
      expect(now.find(({ id }) => id === 'r0001')).toMatchObject({ rev: 2, state: 'retired' })
      await base.clear()
      expect(await base.toArray()).toEqual([])
    })

    it('does not remember what was undone', async () => {
      await base.add(many(2))
      await expect(db.transaction('rw', db.packs, async () => {
        await base.add([row('undone')])
        await base.toArray()
        throw new Error('no room')
      })).rejects.toThrow('no room')
      await base.add([row('kept')])
      expect(idsOf(await base.toArray())).toEqual(['kept', 'r0000', 'r0001'])
    })
  })

  it('takes over what an app of before packs has stored, and what is unsent beside it', async () => {
    const name = 'before-packs'
    const before = new Dexie(name)
    before.version(3).stores({ base: 'id, kind, scope, [kind+state]', outbox: '++seq, record, status, [kind+live], [device+n], live', meta: 'key' })
    const rows = [...many(150), row('job', { kind: 'repair', state: 'new' })]
    await before.table('base').bulkAdd(rows)
    await before.table('outbox').add({ device: 'd', n: 1, record: 'job', status: 'queued', live: 1 })
    await before.table('meta').put({ key: 'cursor', value: 'c7' })
    before.close()
    const now = new Store(SELF.id, name)
    expect(idsOf(await now.base.toArray())).toEqual(idsOf(rows))
    expect(await now.base.inStates('repair', ['new'])).toEqual([rows[150]])
    expect(await now.outbox.where('status').equals('queued').count()).toBe(1)
    expect((await now.meta.get('cursor'))!.value).toBe('c7')
    expect([...now.backendDB().objectStoreNames]).not.toContain('base')
    now.close()
  })
})

it('packs keep the order in which rows came', () => {
  expect(packed(many(120)).map((pack) => pack.ids[0])).toEqual(['r0000', 'r0050', 'r0100'])
})
