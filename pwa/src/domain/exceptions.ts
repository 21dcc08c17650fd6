/** The exceptions as the server keeps them: what lost a race or was refused, until a person settles it. */
import { apiGet, callJson, jsonCall, Problem, rawFetch } from '@/api/client'
import type { KindName } from '@/api/kinds'
import type { Conflict, Issue } from '@/sync/db'

export type Choice = 'keep' | 'take' | 'let_be'

export interface Writer {
  person: string
  /** The device's own name, '' when it has none. */
  device: string
  at: string
}

/** One operation as it came; what could not be read may be any JSON. */
export interface Payload {
  op?: string
  type?: string
  kind?: string
  data?: unknown
}

export interface Exceptional {
  device: string
  n: number
  what: 'conflict' | 'rejected' | 'revived'
  kind: KindName | ''
  /** '' when there is no record that this person could look at. */
  record: string
  op: 'put' | 'event' | 'delete' | ''
  code: string
  by: Writer
  at: string | null
  received_at: string
  issues: Issue[]
  facts: Record<string, unknown>
  conflicts: Conflict[]
  kept_by: Record<string, Writer>
  now: Record<string, unknown>
  rev: number
  state: string
  /** null when it is too large for a list. */
  payload: Payload | null
  bytes: number
  may: Choice[]
  settled: { at: string; by: string; name: string; how: Choice | 'mixed' | 'resent'; reason: string } | null
}

export interface Page {
  exceptions: Exceptional[]
  next: string | null
  open: number
  mine: number
}

const BASE = '/api/v1/sync/exceptions'

export interface Ask {
  settled?: boolean
  mine?: boolean
  before?: string | null
  limit?: number
}

export function fetchPage({ settled = false, mine = false, before = null, limit = 50 }: Ask): Promise<Page> {
  const query = new URLSearchParams({ settled: String(settled), mine: String(mine), limit: String(limit), ...(before ? { before } : {}) })
  return apiGet<Page>(`${BASE}?${query.toString()}`)
}

/** How many wait for this person; undefined when the server does not answer. */
export async function countMine(): Promise<number | undefined> {
  try {
    return (await fetchPage({ mine: true, limit: 1 })).mine
  } catch {
    return undefined
  }
}

export const keyOf = (one: Exceptional) => `${one.device}/${one.n}`

/** Which choice it is, field by field; undefined while one is not chosen yet. */
export function picked(one: Exceptional, picks: Record<string, boolean>): { choice: Choice; fields: string[] } | undefined {
  const fields = one.conflicts.map(({ field }) => field)
  if (fields.some((field) => picks[field] === undefined)) return undefined
  const taken = fields.filter((field) => picks[field])
  if (taken.length === 0) return { choice: 'keep', fields: [] }
  return { choice: 'take', fields: taken.length < fields.length ? taken : [] }
}

/** Whether its fields may be chosen one by one. */
export const severalFields = (one: Exceptional) => one.what === 'conflict' && one.op !== 'delete' && one.conflicts.length > 1 && one.may.includes('take')

/** done · settled: somebody was faster · changed: look again · refused: cannot be taken over · offline */
export type Answer =
  | { is: 'done'; one: Exceptional }
  | { is: 'settled'; name: string }
  | { is: 'changed' }
  | { is: 'refused'; code: string }
  | { is: 'offline' }

/** Settles one; the server does it once, whoever asks. With `fields` these alone take the other value. */
export async function settle(one: Exceptional, choice: Choice, reason = '', fields: readonly string[] = []): Promise<Answer> {
  try {
    const done = await callJson<Exceptional>(rawFetch, `${BASE}/${keyOf(one)}/settle`, jsonCall('POST', { choice, rev: one.rev, reason, fields }))
    return { is: 'done', one: done }
  } catch (error) {
    if (!(error instanceof Problem)) return { is: 'offline' }
    if (error.code === 'exception_settled') return { is: 'settled', name: String(error.facts.name ?? '') }
    if (error.code === 'exception_changed') return { is: 'changed' }
    if (error.code === 'exception_refused') return { is: 'refused', code: String(error.facts.refusal ?? '') }
    return error.status === 401 || error.status >= 500 ? { is: 'offline' } : { is: 'refused', code: error.code }
  }
}

/** One with its whole payload, for reading and for the export. */
export function fetchWhole(one: Exceptional): Promise<Exceptional> {
  return apiGet<Exceptional>(`${BASE}/${keyOf(one)}`)
}

/** Every exception that this person may see, with everything that was sent: for an operator. */
export async function exportAll(now: Date): Promise<Blob> {
  const all: Exceptional[] = []
  for (const settled of [false, true]) {
    let before: string | null = null
    do {
      const page: Page = await fetchPage({ settled, before, limit: 100 })
      for (const one of page.exceptions) all.push(one.payload ? one : await fetchWhole(one))
      before = page.next
    } while (before)
  }
  return new Blob([JSON.stringify({ format: 'mingcha-exceptions-1', made_at: now.toISOString(), exceptions: all }, null, 1)], { type: 'application/json' })
}
