import Dexie from 'dexie'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import type { Fetch } from '@/api/client'

import type { BaseRow, Store } from './db'
import { store } from './outbox'
import { pullAll } from './pull'
import { freshStore, json, problem, SELF } from './testing'

const NOW = () => new Date('2026-11-24T08:00:00Z')
let db: Store
let asked: string[]

function row(id: string, change: Partial<BaseRow> = {}): BaseRow {
  return { id, kind: 'infrared', scope: 'u:1', seq: 1, rev: 1, state: 'draft', author: null, at: '', data: {}, facts: {}, log: [], missing: [], ...change }
}

function pages(...answers: (Response | object)[]): Fetch {
  return async (path) => {
    asked.push(path)
    const next = answers.shift()
    if (!next) return new Response(null, { status: 304 })
    return next instanceof Response ? next : json(200, { more: false, now: '', drop_scopes: [], cursor: 'c', changes: [], ...next })
  }
}

const pull = (...answers: (Response | object)[]) => pullAll(db, pages(...answers), NOW)
const ids = async () => (await db.base.toArray()).map((one) => one.id)

function orders<T>(items: T[]): T[][] {
  return items.length < 2 ? [items] : items.flatMap((item, i) => orders(items.toSpliced(i, 1)).map((rest) => [item, ...rest]))
}

describe('pulling', () => {
  beforeEach(() => {
    db = freshStore()
    asked = []
  })

  it('reads on until there is no more, each time from the cursor of the page before', async () => {
    await pull({ changes: [row('a')], cursor: 'c1', more: true }, { changes: [row('b')], cursor: 'c2' })
    expect(await ids()).toEqual(['a', 'b'])
    expect(asked.map((path) => new URLSearchParams(path.split('?')[1]).get('cursor'))).toEqual([null, 'c1'])
    expect((await db.meta.get('cursor'))!.value).toBe('c2')
  })

  it('asks for the next page while one is stored, and for nothing more when that fails', async () => {
    const first = { changes: [row('a')], cursor: 'c1', more: true }
    await expect(pull(first, { changes: [row('b'), null], cursor: 'c2', more: true }, { changes: [row('c')], cursor: 'c3' })).rejects.toThrow()
    expect(await ids()).toEqual(['a'])
    expect((await db.meta.get('cursor'))!.value).toBe('c1')
    await pull({ changes: [row('b')], cursor: 'c2', more: true }, { changes: [row('c')], cursor: 'c3' })
    expect(await ids()).toEqual(['a', 'b', 'c'])
    expect(asked.map((path) => new URLSearchParams(path.split('?')[1]).get('cursor'))).toEqual([null, 'c1', 'c2', 'c1', 'c2'])
  })

  it('forgets a deleted record and one that moved out of sight', async () => {
    await db.base.bulkPut([row('a', { seq: 1 }), row('b', { seq: 2 })])
    await pull({ changes: [{ id: 'a', seq: 8, gone: 'deleted' }, { id: 'b', seq: 9, gone: 'moved' }] })
    expect(await ids()).toEqual([])
  })

  it('keeps a record that moved to another scope in sight', async () => {
    await pull({ changes: [{ id: 'a', seq: 9, gone: 'moved' }, row('a', { scope: 'u:2', seq: 9 })] })
    expect(await ids()).toEqual(['a'])
    await pull({ changes: [{ id: 'a', seq: 9, gone: 'moved' }] })
    expect(await ids()).toEqual(['a'])
  })

  describe('a record that moved from A to B and back', () => {
    const A = (rev: number, seq: number) => row('a', { scope: 'u:A', rev, seq })
    const left = (scope: string, rev: number, seq: number) => ({ id: 'a', scope, seq, rev, gone: 'moved' as const })
    // Each scope counts for itself: B's numbers are far above A's.
    const back = [left('u:A', 5, 901), left('u:B', 6, 5003), A(6, 902)]
    const away = [left('u:A', 5, 901), left('u:B', 6, 5003), { id: 'a', scope: 'u:A', seq: 903, rev: 7, gone: 'deleted' as const }]

    it.each(orders(back))('is held after any order of its notices and its row: %#', async (...changes) => {
      await db.base.bulkPut([A(4, 900)])
      await pull({ changes })
      expect((await db.base.get('a'))?.rev).toBe(6)
    })

    it.each(orders(back))('is held when each comes in a page of its own: %#', async (...changes) => {
      await db.base.bulkPut([A(4, 900)])
      await pull(...changes.map((change, i) => ({ changes: [change], cursor: `c${i}`, more: i < 2 })))
      expect((await db.base.get('a'))?.rev).toBe(6)
    })

    it.each(orders(away))('is forgotten when it was deleted afterwards: %#', async (...changes) => {
      await db.base.bulkPut([A(4, 900)])
      await pull({ changes })
      expect(await ids()).toEqual([])
    })

    it('goes by the number where an older server sends no revision', async () => {
      await db.base.bulkPut([A(6, 9)])
      await pull({ changes: [{ id: 'a', seq: 9, gone: 'moved' }] })
      expect(await ids()).toEqual(['a'])
      await pull({ changes: [{ id: 'a', seq: 10, gone: 'moved' }] })
      expect(await ids()).toEqual([])
    })
  })

  it('keeps the newer revision whatever its number', async () => {
    await db.base.bulkPut([row('a', { rev: 5, seq: 900 })])
    await pull({ changes: [row('a', { rev: 4, seq: 901 })] })
    expect((await db.base.get('a'))?.rev).toBe(5)
    await pull({ changes: [row('a', { rev: 6, seq: 2, scope: 'u:B' })] })
    expect((await db.base.get('a'))?.rev).toBe(6)
  })

  it('drops the rows of a withdrawn scope and keeps the outbox', async () => {
    await db.base.bulkPut([row('a', { scope: 's9' })])
    await store(db, SELF, NOW(), { kind: 'infrared', id: 'x', patch: { note: 'n' }, put: true, drafts: [] })
    await pull({ drop_scopes: ['s9'] })
    expect(await ids()).toEqual([])
    expect(await db.outbox.count()).toBe(1)
  })

  it('keeps what it has when somebody on the way says 410', async () => {
    await pull({ changes: [row('old')] })
    await expect(pull(new Response('<html>gone</html>', { status: 410 }))).rejects.toThrow()
    expect(await db.base.count()).toBe(1)
  })

  it('starts again after 410 and keeps the outbox', async () => {
    await db.base.bulkPut([row('old')])
    await db.meta.put({ key: 'cursor', value: 'stale' })
    await store(db, SELF, NOW(), { kind: 'infrared', id: 'x', patch: { note: 'n' }, put: true, drafts: [] })
    await pull(problem(410, 'resync'), { changes: [row('new')] })
    expect(await ids()).toEqual(['new'])
    expect(await db.outbox.count()).toBe(1)
    expect(new URLSearchParams(asked[1]!.split('?')[1]).has('cursor')).toBe(false)
  })

  it('stores no half page: rows and cursor or nothing', async () => {
    await expect(pull({ changes: [row('a'), null], cursor: 'c1' })).rejects.toThrow()
    expect(await ids()).toEqual([])
    expect(await db.meta.get('cursor')).toBeUndefined()
  })

  it.each([
    ['its first rows', { changes: [row('new')] }],
    ['rows beside those that are here', { changes: [row('new')] }],
    ['a row in place of one that is here', { changes: [row('here', { rev: 2 })] }],
    ['notices, of what is here and of what never was', { changes: [{ id: 'here', seq: 8, rev: 2, gone: 'deleted' }, { id: 'never', seq: 9, rev: 2, gone: 'moved' }] }],
    ['a withdrawn scope alone', { drop_scopes: ['u:1'] }],
    ['what acknowledged work waited for', { changes: [row('mine', { rev: 2 })] }],
  ])('stores a page and its cursor together or not at all: %s', async (what, page) => {
    if (what !== 'its first rows') await pull({ changes: [row('here')], cursor: 'c0' })
    await store(db, SELF, NOW(), { kind: 'infrared', id: 'mine', patch: { note: 'n' }, put: true, drafts: [] })
    await db.outbox.where('record').equals('mine').modify({ status: 'acked', rev: 2, acked_at: NOW().getTime() })
    const all = async () => [await db.base.toArray(), await db.outbox.toArray(), await db.meta.toArray()]
    const before = await all()
    const put = db.meta.put.bind(db.meta)
    // The last thing that is written of a page.
    vi.spyOn(db.meta, 'put').mockImplementation((value) => (value.key === 'held' ? Dexie.Promise.reject(new Error('not stored')) : put(value)))
    const held = { level: 0, since: '2026-08-26T00:00:00.000000Z', registers: 'all', units: 'all', own: 'u:1', rows: 20_000 }
    await expect(pull({ ...page, cursor: 'c1', held })).rejects.toThrow('not stored')
    expect(await all()).toEqual(before)
  })

  // Dexie counts awaits to know its transaction again; after one that asked the database nothing the simulator saw it lost.
  it.each([
    ['first rows', true, { changes: [row('a')] }],
    ['nothing', false, {}],
    ['a withdrawn scope alone', false, { drop_scopes: ['u:9'] }],
  ])('awaits nothing in the transaction of a page that asks the database nothing: %s', async (_, fresh, page) => {
    if (!fresh) await pull({ changes: [row('here')], cursor: 'c0' })
    const empty: string[] = []
    for (const name of ['some', 'bulkDelete', 'add'] as const) {
      const real = db.base[name].bind(db.base) as (items: Iterable<unknown>) => Promise<unknown>
      vi.spyOn(db.base, name).mockImplementation(((items: Iterable<unknown>) => {
        const given = [...items]
        if (given.length === 0) empty.push(name)
        return real(given)
      }) as never)
    }
    await pull({ ...page, cursor: 'c1' })
    expect(empty).toEqual([])
    expect((await db.meta.get('cursor'))!.value).toBe('c1')
  })

  describe('a first sync, whose rows are not compared with what is there', () => {
    const first = (...more: object[]) => pull({ changes: [row('a', { rev: 3 }), row('b')], cursor: 'c1', more: true }, ...more)

    it('keeps the newer revision of a row that comes again in a later page', async () => {
      await first({ changes: [row('a', { rev: 2, state: 'submitted' }), row('b', { rev: 2, state: 'submitted' })], cursor: 'c2' })
      expect((await db.base.toArray()).map(({ id, rev }) => [id, rev]).sort()).toEqual([['a', 3], ['b', 2]])
    })

    it('forgets what a later page says is gone, and a scope that is withdrawn', async () => {
      await first({ changes: [{ id: 'a', scope: 'u:1', seq: 9, rev: 4, gone: 'deleted' }, row('c', { scope: 's9' })], cursor: 'c2', more: true }, { drop_scopes: ['s9'], cursor: 'c3' })
      expect(await ids()).toEqual(['b'])
    })

    it('goes on from its last page when it was broken off, with rows that are there already', async () => {
      await expect(first(problem(503, 'busy'))).rejects.toThrow()
      await pull({ changes: [row('b', { rev: 2 }), row('a', { rev: 1 }), row('c')], cursor: 'c2' })
      expect((await db.base.toArray()).map(({ id, rev }) => [id, rev]).sort()).toEqual([['a', 3], ['b', 2], ['c', 1]])
      expect(new URLSearchParams(asked.at(-1)!.split('?')[1]).get('cursor')).toBe('c1')
    })

    it('leaves what this phone has not sent as it is, over the row that came', async () => {
      await store(db, SELF, NOW(), { kind: 'infrared', id: 'b', patch: { note: 'mine' }, put: true, drafts: [] })
      await first({ changes: [row('b', { rev: 2, data: { note: 'theirs' } })], cursor: 'c2' })
      expect(await db.outbox.toArray()).toMatchObject([{ record: 'b', status: 'queued', live: 1, data: { note: 'mine' } }])
    })

    it('begins with nothing again after 410 in its midst', async () => {
      await first(problem(410, 'resync'), { changes: [row('a', { rev: 1 }), row('b')], cursor: 'd1' })
      expect((await db.base.toArray()).map(({ id, rev }) => [id, rev]).sort()).toEqual([['a', 1], ['b', 1]])
    })
  })

  it('lets go of an acknowledged operation when its row has come, or will not come', async () => {
    const acked = { device: 'd', kind: 'infrared' as const, op: 'put' as const, type: '', base: 0, at: '', data: {}, schema: 1, status: 'acked' as const, live: 1 as const, flying: 0 as const, acked_at: 1 }
    await db.outbox.bulkAdd([
      { ...acked, n: 1, record: 'a', id: 'a', rev: 2 },
      { ...acked, n: 2, record: 'a', id: 'a', rev: 3, acked_at: NOW().getTime() + 1 },
      { ...acked, n: 3, record: 'unseen', id: 'unseen', rev: 1 },
    ])
    await pull({ changes: [row('a', { rev: 2 })] })
    expect((await db.outbox.orderBy('seq').toArray()).map((op) => op.live)).toEqual([0, 1, 0])
  })
})
