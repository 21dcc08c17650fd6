import { beforeEach, describe, expect, it } from 'vitest'

import { type BaseRow, openStore, store } from './db'
import { chooseFields, insist, letBe } from './queue'
import { SELF } from './testing'

const ID = '01900000-0000-7000-8000-000000000001'
const NOW = new Date('2026-11-24T08:00:00Z')
let person = 0

/** An operation that the server answered with a conflict, beside the row as the server has it now. */
async function inConflict(op: 'put' | 'delete'): Promise<number> {
  const db = store()
  await db.meta.put({ key: 'device', value: { id: 'd', n: 7, registered: true } })
  await db.base.bulkPut([{ id: ID, kind: 'finding', scope: 'p', seq: 9, rev: 4, state: 'draft', author: SELF.id, at: NOW.toISOString(), data: { fact: 'theirs' }, facts: {}, log: [], missing: [] } as never])
  return (await db.outbox.add({
    device: 'd', n: 7, op, kind: 'finding', record: ID, id: ID, type: '', base: 2, at: NOW.toISOString(), schema: 1, status: 'conflict', live: 1, flying: 0, rev: 4,
    data: op === 'put' ? { fact: 'mine', place: 'here' } : {},
    conflicts: [{ field: 'fact', kept: 'theirs', refused: op === 'put' ? 'mine' : null }],
  } as never)) as number
}

const change = async (to: Partial<BaseRow>) => store().base.bulkPut([{ ...(await store().base.get(ID))!, ...to }])

const next = async () => (await store().outbox.orderBy('seq').last())!

describe('a conflict', () => {
  beforeEach(() => {
    openStore(`${SELF.id}-${++person}`)
  })

  it('is insisted on with the fields in conflict only, knowing what the server has', async () => {
    await insist(await inConflict('put'), NOW)
    expect(await next()).toMatchObject({ n: 8, op: 'put', base: 4, data: { fact: 'mine' }, status: 'queued', live: 1 })
  })

  it('of several fields is settled by one put that names each, mine or theirs', async () => {
    const seq = await inConflict('put')
    const both = [{ field: 'fact', kept: 'theirs', refused: 'mine' }, { field: 'place', kept: 'there', refused: 'here' }]
    await store().outbox.update(seq, { conflicts: both } as never)
    await change({ data: { fact: 'theirs', place: 'there' } })
    await chooseFields(seq, ['place'], NOW)
    await chooseFields(seq, ['fact'], NOW)
    expect(await next()).toMatchObject({ n: 8, op: 'put', base: 4, data: { fact: 'theirs', place: 'here' }, status: 'queued' })
    expect(await store().outbox.get(seq)).toMatchObject({ live: 0 })
  })

  it('is settled by what its answer said when the last pull is older', async () => {
    const stale = () => change({ rev: 3, data: { fact: 'long ago' } })
    const seq = await inConflict('put')
    await stale()
    await letBe(seq, NOW)
    expect(await next()).toMatchObject({ base: 4, data: { fact: 'theirs' } })
    const again = await inConflict('put')
    await stale()
    await insist(again, NOW)
    expect(await next()).toMatchObject({ base: 4, data: { fact: 'mine' } })
    const third = await inConflict('put')
    await stale()
    await chooseFields(third, [], NOW)
    expect(await next()).toMatchObject({ base: 4, data: { fact: 'theirs' } })
  })

  it('over a delete is insisted on by a delete: no field is cleared', async () => {
    await insist(await inConflict('delete'), NOW)
    expect(await next()).toMatchObject({ n: 8, op: 'delete', base: 4, data: {}, status: 'queued' })
  })

  it('is settled once, however often one taps', async () => {
    const seq = await inConflict('put')
    await Promise.all([insist(seq, NOW), insist(seq, NOW), insist(seq, NOW)])
    expect(await store().outbox.count()).toBe(2)
  })

  it('that is let be tells the server by the value that stands, so that nobody else is asked', async () => {
    const seq = await inConflict('put')
    await Promise.all([letBe(seq, NOW), letBe(seq, NOW)])
    expect(await store().outbox.count()).toBe(2)
    expect(await next()).toMatchObject({ n: 8, op: 'put', base: 4, data: { fact: 'theirs' }, status: 'queued' })
  })

  it('over a delete that is let be changes no field', async () => {
    await letBe(await inConflict('delete'), NOW)
    expect(await next()).toMatchObject({ n: 8, op: 'put', base: 4, data: {} })
  })

  it('in a record that was handed in meanwhile is let be without a word', async () => {
    const seq = await inConflict('put')
    await change({ state: 'submitted' })
    await letBe(seq, NOW)
    expect(await store().outbox.toArray()).toMatchObject([{ seq, live: 0 }])
  })
})

describe('a refusal', () => {
  beforeEach(() => {
    openStore(`${SELF.id}-${++person}`)
  })

  it('that is let be sends nothing', async () => {
    const seq = await inConflict('put')
    await store().outbox.update(seq, { status: 'rejected' })
    await letBe(seq, NOW)
    expect(await store().outbox.toArray()).toMatchObject([{ seq, live: 0 }])
  })
})
