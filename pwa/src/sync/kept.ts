/** Is what the server once acknowledged still there? It is asked when the server began anew, after a restore. */
import { callJson, type Fetch, packedCall, Problem } from '@/api/client'
import { hex } from '@/media/hash'

import type { OutRow, Store } from './db'
import type { Result } from './push'

/** The server reads no more in one question (`sync/kept.py`). */
const MOST = 20_000

interface Answer {
  lacking: Record<string, number[]>
  /** Left out by a server of before. */
  judged?: Record<string, Result[]>
}

/** What was acknowledged to this phone and is otherwise now: not there, or there with another answer. */
export interface Compared {
  lacking: OutRow[]
  judged: [OutRow, Result][]
}

/** What tells an operation from another one: 16 hex digits of SHA-256 over its texts as they are sent; so does `sync/kept.py`. */
export async function mark(op: Pick<OutRow, 'op' | 'kind' | 'id' | 'record' | 'type' | 'at'>): Promise<string> {
  const subject = op.op === 'event' ? op.record : ''
  const text = [op.op, op.kind, op.id, subject, op.type, op.at].join(' ')
  return hex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))).slice(0, 16)
}

/**
 * Operations that were acknowledged to this phone, under any of its device ids, and that the server does not have: their
 * numbers never came, or went to another phone's operations. And those that came again without this phone, in a rescue
 * file perhaps, and met a conflict or a refusal. A server of before this question leaves it open.
 */
export async function compared(db: Store, call: Fetch): Promise<Compared> {
  const told = (await db.outbox.where('status').anyOf('acked', 'conflict', 'rejected').sortBy('seq')).filter((op) => op.n > 0).slice(-MOST)
  if (told.length === 0) return { lacking: [], judged: [] }
  const kept: Record<string, Record<number, string>> = {}
  for (const op of told) (kept[op.device] ??= {})[op.n] = await mark(op)
  try {
    const { lacking, judged = {} } = await callJson<Answer>(call, '/api/v1/sync/lacking', { ...(await packedCall('POST', { kept })), timeoutMs: 60_000 })
    const lost = new Map(Object.entries(lacking).map(([device, numbers]) => [device, new Set(numbers)]))
    const anew = new Map(Object.entries(judged).map(([device, results]) => [device, new Map(results.map((result) => [result.n, result]))]))
    return {
      lacking: told.filter((op) => lost.get(op.device)?.has(op.n)),
      judged: told.flatMap((op): [OutRow, Result][] => {
        const result = anew.get(op.device)?.get(op.n)
        return result ? [[op, result]] : []
      }),
    }
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return { lacking: [], judged: [] }
    throw error
  }
}
