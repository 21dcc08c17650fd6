import { beforeEach, describe, expect, it } from 'vitest'

import vectors from '@vectors/window.json'

import type { BaseRow, Store } from './db'
import { pullAll } from './pull'
import { freshStore, json } from './testing'
import { type Hold, holds, prune } from './window'

const NOW = () => new Date('2026-11-24T08:00:00Z')
const RULE: Hold = { level: 0, since: '2026-08-26T00:00:00.000000Z', registers: 'all', units: 'all', own: 'u:1', rows: 3 }
let db: Store

function row(id: string, change: Partial<BaseRow> = {}): BaseRow {
  return { id, kind: 'infrared', scope: 'u:1', seq: 1, rev: 1, state: 'accepted', author: null, at: '2026-11-01T00:00:00.000000Z', data: {}, facts: {}, log: [], missing: [], ...change }
}

const old = (id: string) => row(id, { at: '2026-01-01T00:00:00.000000Z' })
const ids = async () => (await db.base.toArray()).map((one) => one.id).sort()

it.each(vectors.cases)('holds what the vectors say: $rule.level', ({ rule, out }) => {
  expect(vectors.records.filter((record) => !holds(rule as Hold, record as BaseRow)).map((record) => record.id)).toEqual(out)
})

describe('the window', () => {
  beforeEach(() => {
    db = freshStore()
  })

  it('forgets what was closed long ago, but nothing with work or photos to be sent', async () => {
    await db.base.bulkPut([old('gone'), old('edited'), old('photo'), row('recent'), row('open', { state: 'submitted', at: '2026-01-01T00:00:00.000000Z' })])
    await db.meta.put({ key: 'held', value: RULE })
    await db.outbox.add({ device: 'd', n: 1, op: 'event', kind: 'infrared', record: 'edited', id: 'e', type: 'accept', base: 1, at: '', data: {}, schema: 1, status: 'queued', live: 1, flying: 0 })
    await db.photos.put({ sha256: 's', size: 1, type: '', name: null, state: 'waiting', records: ['photo'], offset: 0, url: null, sending: 0, code: null, added_at: 0 })
    expect(await prune(db)).toBe(1)
    expect(await ids()).toEqual(['edited', 'open', 'photo', 'recent'])
    await db.outbox.clear()
    await db.photos.clear()
    expect(await prune(db)).toBe(2)
    expect(await prune(db)).toBe(0)
  })

  it('need not look through what was sent under its rule, and does once the rule is another', async () => {
    const answer = (held: Hold, changes: BaseRow[]) => pullAll(db, async () => json(200, { cursor: 'c', more: false, now: '', drop_scopes: [], changes, held }), NOW)
    await answer(RULE, [row('a'), row('b', { at: '2026-08-27T00:00:00.000000Z' })])
    expect((await db.meta.get('pruned'))!.value).toBe(`0@${RULE.since}`)
    await answer({ ...RULE, since: '2026-08-28T00:00:00.000000Z' }, [])
    expect(await ids()).toEqual(['a'])
  })

  it('names its level from the second page on', async () => {
    const asked: URLSearchParams[] = []
    const pages = [{ changes: [row('a')], more: true, held: { ...RULE, level: 2 } }, { changes: [row('b')], held: { ...RULE, level: 2 } }]
    await pullAll(db, async (path) => {
      asked.push(new URLSearchParams(path.split('?')[1]))
      return json(200, { cursor: 'c', more: false, now: '', drop_scopes: [], ...pages.shift() })
    }, NOW)
    expect(asked.map((query) => query.get('level'))).toEqual([null, '2'])
  })

  it('begins anew when more is held than before, for what was not sent then', async () => {
    await db.base.bulkPut([row('a')])
    await db.meta.bulkPut([{ key: 'held', value: RULE }, { key: 'cursor', value: 'c0' }])
    const held = { ...RULE, since: '2026-01-01T00:00:00.000000Z' }
    const asked: (string | null)[] = []
    await pullAll(db, async (path) => {
      asked.push(new URLSearchParams(path.split('?')[1]).get('cursor'))
      return json(200, { cursor: 'c1', more: false, now: '', drop_scopes: [], changes: asked.length > 1 ? [row('a'), row('b')] : [], held })
    }, NOW)
    expect(asked).toEqual(['c0', null])
    expect(await ids()).toEqual(['a', 'b'])
  })

  it('asks once a day for less when it holds more than it may', async () => {
    const four = ['a', 'b', 'c', 'd'].map((id) => row(id))
    const levels: (string | null)[] = []
    const server = async (path: string) => {
      const query = new URLSearchParams(path.split('?')[1])
      levels.push(query.get('level'))
      return query.get('cursor') && levels.length > 2 ? new Response(null, { status: 304 }) : json(200, { cursor: 'c', more: false, now: '', drop_scopes: [], changes: four, held: RULE })
    }
    await pullAll(db, server, NOW)
    expect(levels).toEqual([null, null])
    await pullAll(db, server, NOW)
    expect(levels).toEqual([null, null, '0'])
    expect(await ids()).toHaveLength(4)
  })
})
