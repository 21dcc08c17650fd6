import { effectScope, ref } from 'vue'
import { beforeEach, describe, expect, test, vi } from 'vitest'

import type { KindName } from '@/api/kinds'
import { adoptStore, type BaseRow, openStore, type OutRow, type Store, store } from '@/sync/db'
import { setSelf } from '@/sync/records'
import { freshStore, SELF } from '@/sync/testing'

import { todos } from './todo'
import { readAhead, readWork, useTodos } from './todos'

const at = '2026-11-24T08:00:00Z'
const me = { id: SELF.id, roles: ['inspector'], unit: 'cg' }
let db: Store

function base(id: string, kind: KindName, state: string, more: Partial<BaseRow> = {}): BaseRow {
  return { id, kind, scope: 'org', seq: 1, rev: 1, state, author: SELF.id, at, data: {}, facts: {}, log: [], missing: [], ...more }
}

function op(record: string, kind: KindName, more: Partial<OutRow>): OutRow {
  return { device: 'd', n: 1, op: 'event', kind, record, id: `${record}-op`, type: '', base: 1, at, data: {}, schema: 1, status: 'queued', live: 1, flying: 0, ...more }
}

async function listed(roles = me.roles): Promise<string[]> {
  const { source, byId } = await readWork(roles.includes('crew'))
  return todos(source, { ...me, roles }, Date.parse(at)).map(({ todo, id, key }) => `${todo} ${key === id ? id : key}${byId.has(id) ? '' : ' unseen'}`).sort()
}

beforeEach(() => {
  adoptStore((db = freshStore()))
  setSelf(SELF)
})

describe('the list of what is to be done', () => {
  test('is made of what is open, and passes over what is over', async () => {
    await db.base.bulkPut([
      base('draft', 'hazard', 'draft'), base('back', 'finding', 'returned'), base('over', 'hazard', 'accepted'), base('sent', 'infrared', 'submitted'),
      base('recheck', 'defect', 'rectified'), base('closed', 'defect', 'closed'), base('job', 'repair', 'new', { data: { area: 'urban', reported_at: at } }),
      base('points', 'entry', 'entered', { data: { person: SELF.id, decided_at: at } }),
    ])
    expect(await listed()).toEqual(['draft draft', 'entry points', 'recheck recheck', 'returned back'])
    expect(await listed(['crew'])).toContain('repair job')
    expect((await readWork(false)).byId.has('over')).toBe(false)
  })

  test('goes by what this phone did since: handed in is no draft any more, refused is work again, a new one stands there', async () => {
    await db.base.bulkPut([base('handed-in', 'hazard', 'draft'), base('refused', 'finding', 'submitted')])
    await db.outbox.bulkAdd([
      op('handed-in', 'hazard', { type: 'submit' }),
      op('refused', 'finding', { type: 'amend', status: 'rejected', code: 'bad_transition' }),
      op('new', 'infrared', { op: 'put', id: 'new', base: 0 }),
    ])
    expect(await listed()).toEqual(['draft new', 'refused refused'])
  })

  test('knows the record of a correction that was begun, and leaves out what is practice of others', async () => {
    await db.base.bulkPut([base('sent', 'hazard', 'accepted'), base('try', 'defect', 'rectified', { data: { practice: true } as never })])
    await db.drafts.put({ key: 'amend:hazard:sent', at: Date.parse(at), state: {} })
    expect(await listed()).toEqual(['amend amend:hazard:sent'])
  })

  test('is read over again as the database of an earlier version stands', async () => {
    const name = `earlier-${Math.random()}`
    const { default: Dexie } = await import('dexie')
    const earlier = new Dexie(name)
    earlier.version(2).stores({ base: 'id, kind, scope', outbox: '++seq, record, status, [kind+live], [device+n], live', photos: 'sha256, state, *records', photoBytes: 'sha256', thumbs: 'sha256', captures: '[device+n], sent', drafts: 'key', meta: 'key', log: '++id' })
    await earlier.table('base').bulkPut([base('draft', 'hazard', 'draft'), base('over', 'hazard', 'accepted')])
    earlier.close()
    const { Store: Now } = await import('@/sync/db')
    adoptStore((db = new Now(SELF.id, name)))
    expect(await listed()).toEqual(['draft draft'])
  })
})

test('what was read ahead for one person is not shown to the next on the same phone', async () => {
  openStore('first')
  await store().base.bulkPut([base('theirs', 'hazard', 'draft')])
  readAhead()
  await new Promise((resolve) => setTimeout(resolve, 100))
  openStore('second')
  const scope = effectScope()
  const { byId } = scope.run(() => useTodos(ref(Date.parse(at))))!
  expect([...byId.value.keys()]).toEqual([])
  await store().base.bulkPut([base('mine', 'hazard', 'draft')])
  await vi.waitFor(() => expect([...byId.value.keys()]).toEqual(['mine']))
  scope.stop()
})
