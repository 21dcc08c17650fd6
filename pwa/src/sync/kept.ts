/** Is what the server once acknowledged still there? It is asked when the server began anew, after a restore. */
import { callJson, type Fetch, packedCall, Problem } from '@/api/client'
import { hex } from '@/media/hash'

import type { OutRow, Store } from './db'

/** The server reads no more in one question (`sync/kept.py`). */
const MOST = 20_000

interface Answer {
  lacking: Record<string, number[]>
}

/** What tells an operation from another one: 16 hex digits of SHA-256 over its texts as they are sent; so does `sync/kept.py`. */
export async function mark(op: Pick<OutRow, 'op' | 'kind' | 'id' | 'record' | 'type' | 'at'>): Promise<string> {
  const subject = op.op === 'event' ? op.record : ''
  const text = [op.op, op.kind, op.id, subject, op.type, op.at].join(' ')
  return hex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))).slice(0, 16)
}

/**
 * Operations that were acknowledged to this phone, under any of its device ids, and that the server does not have: their
 * numbers never came, or went to another phone's operations. A server of before this question leaves it open.
 */
export async function lackedBy(db: Store, call: Fetch): Promise<OutRow[]> {
  const told = (await db.outbox.where('status').anyOf('acked', 'conflict', 'rejected').sortBy('seq')).filter((op) => op.n > 0).slice(-MOST)
  if (told.length === 0) return []
  const kept: Record<string, Record<number, string>> = {}
  for (const op of told) (kept[op.device] ??= {})[op.n] = await mark(op)
  try {
    const { lacking } = await callJson<Answer>(call, '/api/v1/sync/lacking', { ...(await packedCall('POST', { kept })), timeoutMs: 60_000 })
    const lost = new Map(Object.entries(lacking).map(([device, numbers]) => [device, new Set(numbers)]))
    return told.filter((op) => lost.get(op.device)?.has(op.n))
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return []
    throw error
  }
}
