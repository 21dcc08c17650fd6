import { describe, expect, it } from 'vitest'

import type { Call, Fetch } from '@/api/client'

import type { BaseRow, Store } from './db'
import { remove, store } from './outbox'
import { pullAll } from './pull'
import { BatchSize, pushAll } from './push'
import { freshStore, json, problem, SELF } from './testing'

const ROUNDS = 100
const NOW = () => new Date('2026-11-24T08:00:00Z')
const id = (i: number) => `01900000-0000-7000-8000-${String(i).padStart(12, '0')}`

interface Op {
  n: number
  op: 'put' | 'event' | 'delete'
  id: string
  subject?: string
  base?: number
  data?: Record<string, unknown>
}

interface Held {
  rev: number
  gone?: 'deleted' | 'moved'
  data: Record<string, unknown>
}

/** A server that deletes, purges and moves records behind the phone's back, and answers as the engine does. */
class Office {
  records = new Map<string, Held>()
  log: string[] = []
  n = 0
  horizon = 0
  answered: string[] = []

  fetch: Fetch = async (path, call: Call = {}) => {
    if (path === '/api/v1/devices') return json(200, { n: this.n })
    if (path === '/api/v1/sync/lacking') return json(200, { lacking: {} })
    if (path === '/api/v1/sync/push') return this.push((JSON.parse(String(call.body)) as { ops: Op[] }).ops)
    return this.pull(new URLSearchParams(path.split('?')[1]).get('cursor'))
  }

  change(record: string, held: Held): void {
    this.records.set(record, held)
    this.log.push(record)
  }

  lose(record: string, gone: 'deleted' | 'moved'): void {
    const held = this.records.get(record)!
    this.change(record, { ...held, rev: held.rev + 1, gone })
  }

  purge(record: string): void {
    this.lose(record, 'deleted')
    this.records.delete(record)
    this.horizon = this.log.length
  }

  private push(ops: Op[]): Response {
    const results = ops.map((op) => {
      expect(op.n).toBe(++this.n)
      const record = op.subject ?? op.id
      const held = this.records.get(record)
      const answer = this.apply(op, record, held)
      this.answered.push(answer.code ?? answer.status)
      return { n: op.n, id: op.id, ...answer }
    })
    return json(200, { acked: this.n, now: NOW().toISOString(), results })
  }

  private apply(op: Op, record: string, held: Held | undefined): { status: string; code?: string; rev?: number } {
    const no = { status: 'rejected', code: 'not_found' }
    if (held?.gone === 'moved') return no
    if (op.op === 'event' && (!held || held.gone)) return no
    if (op.op === 'delete') {
      if (!held) return no
      if (!held.gone) this.lose(record, 'deleted')
      return { status: 'applied', rev: this.records.get(record)!.rev }
    }
    const back = held?.gone === 'deleted' || (!held && (op.base ?? 0) > 0)
    const rev = (held?.rev ?? 0) + 1
    this.change(record, { rev, data: { ...held?.data, ...(op.op === 'put' ? op.data : {}) } })
    return back ? { status: 'merged', code: 'revived', rev } : { status: 'applied', rev }
  }

  private pull(cursor: string | null): Response {
    const from = Number(cursor ?? 0)
    if (cursor !== null && from < this.horizon) return problem(410, 'resync')
    const changes = [...new Set(this.log.slice(from))].flatMap((record): object[] => {
      const held = this.records.get(record)
      if (!held) return []
      if (held.gone) return [{ id: record, scope: 's', seq: 0, rev: held.rev, gone: held.gone }]
      const row: BaseRow = { id: record, kind: 'finding', scope: 's', seq: 0, rev: held.rev, state: 'draft', author: SELF.id, at: '', data: held.data, facts: {}, log: [], missing: [] }
      return [row]
    })
    return json(200, { cursor: String(this.log.length), more: false, now: '', changes, drop_scopes: [] })
  }
}

/** The same numbers in every run. */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

describe('a record that the server loses while this phone changes it', () => {
  it('never stops the queue, a hundred times over', async () => {
    const roll = dice(1)
    const db: Store = freshStore()
    const office = new Office()
    const put = (record: string, patch: Record<string, unknown>, type?: string) =>
      store(db, SELF, NOW(), { kind: 'finding', id: record, patch, put: true, drafts: [], ...(type ? { event: { type, data: {} } } : {}) })
    const sync = async () => {
      await pushAll({ db, call: office.fetch, now: NOW, version: 'test' }, new BatchSize())
      await pullAll(db, office.fetch, NOW)
    }
    const witness = id(0)
    for (let round = 1; round <= ROUNDS; round++) {
      const record = id(round)
      await put(record, { fact: 'a' })
      await sync()
      const fate = roll(3)
      if (fate === 0) office.lose(record, 'deleted')
      else if (fate === 1) office.purge(record)
      else office.lose(record, 'moved')
      const submitted = roll(3) === 0
      await put(record, { fact: `edit ${round}` }, submitted ? 'submit' : undefined)
      if (!submitted && roll(3) === 0) await put(record, { place: 'p' })
      if (!submitted && roll(4) === 0) await remove(db, SELF, NOW(), 'finding', record)
      await put(witness, { fact: String(round) })
      await sync()
      expect(await db.outbox.where('status').equals('queued').count()).toBe(0)
      expect(office.records.get(witness)!.data.fact).toBe(String(round))
    }
    expect(office.answered).toContain('revived')
    expect(office.answered).toContain('not_found')
    // What was refused is still here with all that was typed, for a person to look at.
    const refused = (await db.outbox.toArray()).filter((op) => op.status === 'rejected')
    expect(refused.length).toBe(office.answered.filter((code) => code === 'not_found').length)
    expect(refused.every((op) => op.live === 1)).toBe(true)
  }, 120_000)
})
