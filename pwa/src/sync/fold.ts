/** What a screen shows: the server's row with this phone's own operations laid over it. Pure. */
import type { Entry, Facts, Bodies, KindName } from '@/api/kinds'
import { eventFrom, RULES } from '@/api/rules'

import type { BaseRow, Conflict, Issue, OutRow, PhotoRow } from './db'

/** 未上传 · 上传中 · 已上传 · 有冲突 · 被退回 */
export type Where = 'local' | 'sending' | 'sent' | 'conflict' | 'returned'

export interface RecProblem {
  /** Key of the operation in the outbox. */
  seq: number
  op: OutRow['op']
  type: string
  code: string
  issues: Issue[]
  conflicts: Conflict[]
  at: string
  data: Record<string, unknown>
}

export interface Rec<K extends KindName = KindName> {
  id: string
  kind: K
  state: string
  author: string | null
  data: Partial<Bodies[K]>
  facts: Partial<Facts<K>>
  log: Entry[]
  rev: number
  at: string
  /** Hashes of photos that the server still waits for, from whatever phone. */
  missing: string[]
  where: Where
  problems: RecProblem[]
  photoCount: number
  /** Photos of this record that this phone has still to send. */
  photosWaiting: number
}

export interface Self {
  id: string
  name: string
}

/** An operation is laid over the base until the base has reached the revision that it became. */
function pending(op: OutRow, base: BaseRow | undefined): boolean {
  if (op.status === 'queued') return true
  if (op.status === 'rejected') return false
  return op.rev !== undefined && op.rev > (base?.rev ?? 0)
}

/**
 * The view of one record, or undefined when there is none (deleted, or never seen).
 *
 * `ops` are the record's live operations in order. Refused puts stay visible in `data`, so that
 * nobody's typing vanishes; `baseline` is the same without them, what a new put is compared with.
 */
export function fold<K extends KindName>(
  kind: K,
  id: string,
  base: BaseRow | undefined,
  ops: readonly OutRow[],
  photos: readonly PhotoRow[],
  self: Self,
): { view: Rec<K>; baseline: Record<string, unknown> } | undefined {
  let state = base?.state ?? RULES[kind].initial
  let gone = false
  let at = base?.at ?? ''
  // Nothing is laid over most rows: what was just read need not be copied.
  const own = <T extends object>(what: T, copy: (what: T) => T) => (ops.length > 0 ? copy(what) : what)
  const baseline = own<Record<string, unknown>>(base?.data ?? {}, (data) => ({ ...data }))
  const shown = own<Record<string, unknown>>(base?.data ?? {}, (data) => ({ ...data }))
  const log = own<Entry[]>(base?.log ?? [], (entries) => [...entries])
  const problems: RecProblem[] = []
  let exists = base !== undefined
  let stale = false

  for (const op of ops) {
    if (op.status === 'rejected' || op.status === 'conflict') problems.push(problemOf(op))
    if (op.status === 'rejected') {
      if (op.op === 'put') {
        lay(shown, op.data)
        exists = true
        at = op.at
      }
      continue
    }
    if (!pending(op, base)) continue
    if (op.at > at) at = op.at
    if (op.op === 'put') {
      const taken = op.status === 'conflict' ? withoutConflicts(op) : op.data
      lay(shown, taken)
      lay(baseline, taken)
      exists = true
      gone = false
    } else if (op.op === 'delete') {
      gone = true
    } else {
      const rule = eventFrom(kind, state, op.type)
      if (rule?.target) state = rule.target
      let data = op.data
      if (rule && rule.amends.length > 0) {
        data = amended(baseline, op.data)
        lay(shown, data.changes as Record<string, unknown>)
        lay(baseline, data.changes as Record<string, unknown>)
        stale = true
      }
      log.push({ id: op.id, type: op.type, at: op.at, by: self.id, by_name: self.name, data, pending: true })
    }
  }
  if (!exists || gone) return undefined

  const waiting = photos.filter((photo) => photo.state === 'waiting')
  const queued = ops.filter((op) => op.status === 'queued' && op.type !== 'open')
  const view: Rec<K> = {
    id,
    kind,
    state,
    author: base?.author ?? self.id,
    data: shown as Partial<Bodies[K]>,
    facts: (stale ? links(base?.facts ?? {}) : (base?.facts ?? {})) as Partial<Facts<K>>,
    log,
    rev: base?.rev ?? 0,
    at,
    missing: base?.missing ?? [],
    where: whereIs(state, problems, queued, waiting),
    problems,
    photoCount: Array.isArray(shown.photos) ? shown.photos.length : 0,
    photosWaiting: waiting.length,
  }
  return { view, baseline }
}

/** `null` clears a field, as on the server. */
function lay(under: Record<string, unknown>, patch: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete under[key]
    else under[key] = value
  }
}

/** An amendment as the server will log it: with the values of before; photos that were evidence stay. */
function amended(body: Record<string, unknown>, data: Record<string, unknown>): Record<string, unknown> {
  const changes = { ...(data.changes as Record<string, unknown>) }
  if (Array.isArray(changes.photos)) {
    const kept = (body.photos ?? []) as { sha256: string }[]
    const known = new Set(kept.map((photo) => photo.sha256))
    changes.photos = [...kept, ...(changes.photos as { sha256: string }[]).filter((photo) => !known.has(photo.sha256))]
  }
  const before = Object.fromEntries(Object.keys(changes).map((field) => [field, body[field] ?? null]))
  return { ...data, changes, before }
}

/** What the server judged does not hold for amended values; what it linked does. */
function links(facts: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(facts).filter(([name]) => ['defect', 'repair', 'violation'].includes(name)))
}

/** Fields in conflict kept the server's value. */
function withoutConflicts(op: OutRow): Record<string, unknown> {
  const kept = new Set((op.conflicts ?? []).map((conflict) => conflict.field))
  return Object.fromEntries(Object.entries(op.data).filter(([field]) => !kept.has(field)))
}

function problemOf(op: OutRow): RecProblem {
  return {
    seq: op.seq ?? 0,
    op: op.op,
    type: op.type,
    code: op.code ?? op.status,
    issues: op.issues ?? [],
    conflicts: op.conflicts ?? [],
    at: op.at,
    data: op.data,
  }
}

/** Unsent work outranks an old answer: a mended record waits as `local`, not as `returned`. That it was opened is no work. */
function whereIs(state: string, problems: RecProblem[], queued: OutRow[], waiting: PhotoRow[]): Where {
  if (queued.some((op) => op.flying) || waiting.some((photo) => photo.sending)) return 'sending'
  if (queued.length > 0) return 'local'
  if (problems.some((problem) => problem.code === 'conflict')) return 'conflict'
  if (problems.length > 0) return 'returned'
  if (waiting.length > 0) return 'sending'
  return state === 'returned' ? 'returned' : 'sent' // a rejected one is over: nothing is to be done here
}
