import { createHash } from 'node:crypto'

import { beforeEach, describe, expect, it } from 'vitest'

import { type Fetch, Unreachable } from '@/api/client'

import { audit, digest } from './audit'
import { askForAudit, auditDue, type AuditResult } from './auditDue'
import type { BaseRow, Store } from './db'
import { freshStore, json } from './testing'

const NOW = () => new Date('2026-11-24T08:00:00Z')
const DAY = 86_400_000
let db: Store
/** What the server has, by id. */
let theirs: Map<string, BaseRow>
let asked: string[]

function row(id: string, rev = 1, scope = 'u:1'): BaseRow {
  return { id, kind: 'infrared', scope, seq: 1, rev, state: 'submitted', author: null, at: '', data: { note: id }, facts: {}, log: [], missing: [] }
}

function xor(rows: { id: string; rev: number }[]): string {
  const total = rows.reduce((sum, { id, rev }) => sum ^ createHash('sha256').update(`${id}:${rev}`).digest().readBigUInt64BE(), 0n)
  return total.toString(16).padStart(16, '0')
}

const server: Fetch = async (path, call) => {
  asked.push(path)
  if (path.includes('/audit')) {
    const { scopes } = JSON.parse(call!.body as string) as { scopes: Record<string, { count: number; xor: string }> }
    const answer = ['u:1', 'u:2'].map((scope) => {
      const rows = [...theirs.values()].filter((one) => one.scope === scope)
      const held = scopes[scope] ?? { count: 0, xor: '0'.repeat(16) }
      const same = held.count === rows.length && held.xor === xor(rows)
      return [scope, same ? { state: 'same' } : { state: 'different', rows: rows.map(({ id, rev }) => [id, rev]) }]
    })
    return json(200, { now: '', scopes: Object.fromEntries(answer) as object })
  }
  const again = (new URLSearchParams(path.split('?')[1]).get('again') ?? '').split(',')
  const changes = [...theirs.values()].filter((one) => again.includes(one.scope))
  return changes.length > 0 ? json(200, { cursor: 'c2', more: false, now: '', drop_scopes: [], changes }) : new Response(null, { status: 304 })
}

describe('the audit', () => {
  beforeEach(async () => {
    db = freshStore()
    asked = []
    theirs = new Map([row('a', 3), row('b'), row('c', 2, 'u:2')].map((one) => [one.id, one]))
    await db.base.bulkPut([...theirs.values()])
    await db.meta.put({ key: 'cursor', value: 'c1' })
  })

  it('reckons as the server does', async () => {
    expect(await digest([])).toBe('0'.repeat(16))
    const many = Array.from({ length: 1200 }, (_, i) => ({ id: `r${i}`, rev: i }))
    expect(await digest(many)).toBe(xor(many))
  })

  it('says that both hold the same', async () => {
    expect(await audit(db, server, NOW)).toMatchObject({ state: 'same', rows: 3, differing: 0 })
    expect(asked).toHaveLength(1)
  })

  it('finds what is lost, older, newer and too much, and fetches it', async () => {
    await db.base.bulkDelete(['c']) // a whole scope lost
    await db.base.bulkPut([row('a', 2), row('b', 9), row('ghost')])
    await db.outbox.add({ device: 'd', n: 1, op: 'put', kind: 'infrared', record: 'x', id: 'x', type: '', base: 0, at: '', data: {}, schema: 1, status: 'queued', live: 1, flying: 0 })
    expect(await audit(db, server, NOW)).toMatchObject({ state: 'mended', rows: 3, differing: 4 })
    expect((await db.base.toArray()).sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual([...theirs.values()])
    expect(await db.outbox.count()).toBe(1)
    const log = (await db.log.toArray()).filter(({ event }) => event === 'audit.different').map(({ facts }) => facts)
    expect(log).toEqual([{ scope: 'u:1', surplus: 1, older: 2, lacking: 0 }, { scope: 'u:2', surplus: 0, older: 0, lacking: 1 }])
  })

  it('says so when a difference stays, and ends', async () => {
    await db.base.bulkDelete(['a'])
    const deaf: Fetch = (path, call) => (path.includes('/audit') ? server(path, call) : Promise.resolve(new Response(null, { status: 304 })))
    expect(await audit(db, deaf, NOW)).toMatchObject({ state: 'open', differing: 1 })
  })

  it('is due a week after the last, and when somebody asks; a lost net leaves it due', async () => {
    const now = NOW().getTime()
    expect(await auditDue(db, now)).toBe(false)
    expect(await auditDue(db, now + 6 * DAY)).toBe(false)
    expect(await auditDue(db, now + 8 * DAY)).toBe(true)
    await askForAudit(db)
    await expect(audit(db, () => Promise.reject(new Unreachable()), NOW)).rejects.toThrow(Unreachable)
    expect(await auditDue(db, now)).toBe(true)
    await audit(db, server, NOW)
    expect(await auditDue(db, now)).toBe(false)
    expect(((await db.meta.get('audit'))!.value as AuditResult).state).toBe('same')
  })
})
