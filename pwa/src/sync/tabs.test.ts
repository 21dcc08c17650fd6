/** Two tabs of the app on one database: one leads and stores pages, the other is worked in. */
import { beforeEach, describe, expect, it } from 'vitest'

import type { Fetch } from '@/api/client'

import { type BaseRow, Store } from './db'
import { remove, store } from './outbox'
import { pullAll } from './pull'
import { freshStore, json, SELF } from './testing'

const NOW = () => new Date('2026-11-24T08:00:00Z')
const PAGES = 12
const ROWS = 120
let leader: Store
let other: Store

function row(id: string, change: Partial<BaseRow> = {}): BaseRow {
  return { id, kind: 'infrared', scope: 'u:1', seq: 1, rev: 1, state: 'draft', author: null, at: '', data: {}, facts: {}, log: [], missing: [], ...change }
}

const idOf = (page: number, i: number) => `r${page}.${String(i).padStart(3, '0')}`

/** Each page brings rows, changes every third of the page before and takes back every fifth of it. */
function pageOf(page: number): object {
  const before = page === 0 ? [] : Array.from({ length: ROWS }, (_, i) => i)
  return {
    cursor: `c${page + 1}`,
    more: page + 1 < PAGES,
    now: '',
    drop_scopes: [],
    changes: [
      ...Array.from({ length: ROWS }, (_, i) => row(idOf(page, i))),
      ...before.filter((i) => i % 3 === 0).map((i) => row(idOf(page - 1, i), { rev: 2, state: 'submitted' })),
      ...before.filter((i) => i % 5 === 0).map((i) => ({ id: idOf(page - 1, i), scope: 'u:1', seq: 9, rev: 3, gone: 'deleted' })),
    ],
  }
}

const byId = ([a]: readonly [string, number], [b]: readonly [string, number]) => (a < b ? -1 : 1)

/** What `pageOf` comes to: ids with their revision. */
const WHOLE = Array.from({ length: PAGES }, (_, page) => Array.from({ length: ROWS }, (_, i) => i)
  .filter((i) => page === PAGES - 1 || i % 5 > 0)
  .map((i) => [idOf(page, i), page < PAGES - 1 && i % 3 === 0 ? 2 : 1] as const)).flat().sort(byId)

const server: Fetch = async (path) => {
  const cursor = new URLSearchParams(path.split('?')[1]).get('cursor')
  const page = Number(cursor?.slice(1) ?? 0)
  return page < PAGES ? json(200, pageOf(page)) : new Response(null, { status: 304 })
}

const held = async (db: Store) => (await db.base.toArray()).map(({ id, rev }) => [id, rev] as const).sort(byId)

describe('two tabs on one database', () => {
  beforeEach(() => {
    leader = freshStore()
    other = new Store(SELF.id, leader.name)
  })

  it('lose and double nothing while one stores pages and the other is worked in', async () => {
    let coming = true
    const pulled = pullAll(leader, server, NOW).finally(() => (coming = false))
    let saved = 0
    let looks = 0
    while (coming || saved < 40) {
      // Now a record that has come, now one that is to come, now a new one; every fourth is taken back.
      const id = [idOf(0, saved + 1), idOf(PAGES - 1, saved), `own ${saved}`][saved % 3]!
      await store(other, SELF, NOW(), { kind: 'infrared', id, patch: { note: `n${saved}` }, put: true, drafts: [] })
      if (saved % 4 === 3) await remove(other, SELF, NOW(), 'infrared', id)
      saved++
      const list = await other.base.ofKinds(['infrared'])
      expect(new Set(list.map((each) => each.id)).size).toBe(list.length)
      looks += Number(list.length > 0 && coming)
    }
    await pulled
    expect(looks).toBeGreaterThan(0)
    for (const db of [leader, other]) expect(await held(db)).toEqual(WHOLE)
    const ops = await leader.outbox.orderBy('seq').toArray()
    expect(ops.map((op) => op.n)).toEqual(ops.map((_, i) => i + 1))
    expect(ops.filter((op) => op.op === 'put').map((op) => op.data.note)).toEqual(Array.from({ length: saved }, (_, i) => `n${i}`))
    expect(ops.filter((op) => op.op === 'delete')).toHaveLength(Math.floor(saved / 4))
    expect(await other.meta.get('cursor')).toEqual({ key: 'cursor', value: `c${PAGES}` })
  })

  it('number what both save at once without a gap and without a number twice', async () => {
    await Promise.all([leader, other].flatMap((db, tab) => Array.from({ length: 20 }, (_, i) =>
      store(db, SELF, NOW(), { kind: 'infrared', id: `${tab}.${i}`, patch: { note: 'n' }, put: true, drafts: [] }))))
    const ops = await leader.outbox.orderBy('seq').toArray()
    expect(ops.map((op) => op.n)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1))
    expect(new Set(ops.map((op) => op.device)).size).toBe(1)
    expect(new Set(ops.map((op) => op.record)).size).toBe(40)
  })

  it('both receive where the browser has no locks: a page that the other has stored is refused whole, and the next run is right', async () => {
    await Promise.allSettled([pullAll(leader, server, NOW), pullAll(other, server, NOW)])
    const ids = (await leader.base.toArray()).map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    await pullAll(leader, server, NOW)
    expect(await held(other)).toEqual(WHOLE)
  })
})
