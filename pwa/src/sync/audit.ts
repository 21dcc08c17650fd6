/**
 * Does this phone hold what the server holds? Weekly, after something odd, and when the person asks.
 *
 * A count and an XOR over (id, rev) tell it scope by scope; where they differ, rows that the server has not are
 * removed and the scope is read again. Only the base is touched, never the outbox.
 */
import { callJson, type Fetch, jsonCall } from '@/api/client'

import type { AuditResult } from './auditDue'
import { type BaseRow, getMeta, note, setMeta, type Store } from './db'
import { pullAll } from './pull'
import { holds, type Hold } from './window'

const TURNS = 3
const AT_ONCE = 500

interface Answer {
  scopes: Record<string, { state: 'same' | 'different' | 'behind'; rows?: [string, number][] }>
}

/** XOR over rows of the first 8 bytes of SHA-256 of `<id>:<rev>`, as 16 hex digits. */
export async function digest(rows: Pick<BaseRow, 'id' | 'rev'>[]): Promise<string> {
  let high = 0
  let low = 0
  for (let from = 0; from < rows.length; from += AT_ONCE) {
    const part = rows.slice(from, from + AT_ONCE).map(({ id, rev }) => crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${id}:${rev}`)))
    for (const hash of await Promise.all(part)) {
      const view = new DataView(hash)
      high ^= view.getUint32(0)
      low ^= view.getUint32(4)
    }
  }
  return [high, low].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

/** Compares, mends, compares again. Unreachable or Problem end it; it is then still due. */
export async function audit(db: Store, call: Fetch, now: () => Date): Promise<AuditResult> {
  let differing = 0
  for (let turn = 0; ; turn++) {
    const { answer, rows } = await ask(db, call)
    const scopes = Object.entries(answer.scopes)
    const different = scopes.filter(([, found]) => found.state === 'different')
    const behind = scopes.some(([, found]) => found.state === 'behind')
    if ((different.length === 0 && !behind) || turn === TURNS) {
      const state = different.length > 0 ? 'open' : differing > 0 ? 'mended' : 'same'
      return keep(db, { at: now().getTime(), state, rows, differing })
    }
    const again: string[] = []
    for (const [scope, found] of different) {
      const faults = await mend(db, scope, found.rows ?? [])
      if (turn === 0) differing += faults
      again.push(scope)
    }
    await pullAll(db, call, now, again)
  }
}

async function ask(db: Store, call: Fetch): Promise<{ answer: Answer; rows: number }> {
  const held = await getMeta<Hold>(db, 'held')
  const byScope = new Map<string, Pick<BaseRow, 'id' | 'rev'>[]>()
  let count = 0
  await db.base.each((row) => {
    if (held && !holds(held, row)) return
    count++
    const known = byScope.get(row.scope)
    if (known) known.push({ id: row.id, rev: row.rev })
    else byScope.set(row.scope, [{ id: row.id, rev: row.rev }])
  })
  const scopes: Record<string, { count: number; xor: string }> = {}
  for (const [scope, rows] of byScope) scopes[scope] = { count: rows.length, xor: await digest(rows) }
  const body = { cursor: (await getMeta<string>(db, 'cursor')) ?? '', scopes, ...(held ? { held } : {}) }
  return { answer: await callJson<Answer>(call, '/api/v1/sync/audit', { ...jsonCall('POST', body), timeoutMs: 60_000 }), rows: count }
}

/** Removes what the server has not, and marks what it has in another revision, so that any row sent replaces it. */
async function mend(db: Store, scope: string, rows: [string, number][]): Promise<number> {
  const theirs = new Map(rows)
  const held = await getMeta<Hold>(db, 'held')
  const faults = { surplus: 0, older: 0, lacking: 0 }
  await db.transaction('rw', db.packs, async () => {
    const ours = (await db.base.ofScope(scope)).filter((row) => !held || holds(held, row))
    const surplus = ours.filter((row) => !theirs.has(row.id))
    const older = ours.filter((row) => theirs.has(row.id) && theirs.get(row.id) !== row.rev)
    await db.base.bulkDelete(surplus.map((row) => row.id))
    await db.base.bulkPut(older.map((row) => ({ ...row, rev: 0 })))
    faults.surplus = surplus.length
    faults.older = older.length
    faults.lacking = theirs.size - ours.filter((row) => theirs.has(row.id)).length
  })
  await note(db, 'audit.different', { scope, ...faults })
  return faults.surplus + faults.older + faults.lacking
}

async function keep(db: Store, result: AuditResult): Promise<AuditResult> {
  await db.transaction('rw', db.meta, async () => {
    await setMeta(db, 'audit', result)
    await db.meta.delete('auditDue')
  })
  await note(db, `audit.${result.state}`, { rows: result.rows, differing: result.differing })
  return result
}
