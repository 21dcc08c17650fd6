/** Where something is that this phone made: from its own store, without a signal; the server's word is laid beside it. */
import { Problem, Unreachable } from '@/api/client'
import type { components } from '@/api/generated'
import type { KindName } from '@/api/kinds'
import { get } from '@/api/server'

import type { OutRow, PhotoRow, Store } from './db'
import type { Reason } from './reasons'
import type { LeaderStatus } from './status'

export type ServerWhere = components['schemas']['Where']

/** waiting: still here · sent: the server has it · superseded: refused, and sent anew since · settled: a person let it be. */
export type Place = 'waiting' | 'sending' | 'sent' | 'refused' | 'conflict' | 'superseded' | 'settled'

export interface OpPlace {
  op: OutRow
  place: Place
  /** From 1, how far it is from the head of the queue; 0 when it does not wait. */
  nth: number
  reason: Reason | undefined
}

export interface PhotoPlace {
  photo: PhotoRow
  place: 'waiting' | 'sending' | 'sent' | 'refused'
  nth: number
  reason: Reason | undefined
}

export interface LocalWhere {
  id: string
  kind: KindName | undefined
  /** In the order in which they were made. */
  ops: OpPlace[]
  photos: PhotoPlace[]
  /** Typed and not saved, or confirmed and still to be taken back: ms since 1970 of the last change, or when it leaves. */
  draft: { reason: 'draft' | 'undo'; at: number } | undefined
  /** The server's row that this phone holds. */
  base: { state: string; rev: number } | undefined
  /** Time of the next try, ms since 1970; undefined while it is on its way or nobody knows. */
  nextTry: number | undefined
}

/** What this phone knows that may bear on one record. */
export interface Known {
  id: string
  ops: readonly OutRow[]
  photos: readonly PhotoRow[]
  /** `seq` of all operations that wait, in order. */
  queue: readonly number[]
  /** Hashes of all photos that wait, in order. */
  photoQueue: readonly string[]
  draft: LocalWhere['draft']
  base: { kind: KindName; state: string; rev: number } | undefined
  status: Pick<LeaderStatus, 'reason' | 'nextTry'> & Partial<Pick<LeaderStatus, 'held'>>
}

export function whereLocal(known: Known): LocalWhere {
  const { status } = known
  const ops = [...known.ops].sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0)).map((op, index, all) => placeOp(op, all.slice(index + 1), known))
  const waits = ops.some((one) => one.place === 'waiting')
  return {
    id: known.id,
    kind: known.base?.kind ?? known.ops[0]?.kind,
    ops,
    photos: known.photos.map((photo) => placePhoto(photo, waits, known)),
    draft: known.draft,
    base: known.base && { state: known.base.state, rev: known.base.rev },
    nextTry: known.draft?.reason === 'undo' ? known.draft.at : (status.nextTry ?? undefined),
  }
}

function placeOp(op: OutRow, later: readonly OutRow[], { queue, status }: Known): OpPlace {
  const at = (place: Place, reason?: Reason, nth = 0): OpPlace => ({ op, place, nth, reason })
  switch (op.status) {
    case 'queued':
      return op.flying ? at('sending', 'sending') : at('waiting', turn(status.reason), queue.indexOf(op.seq ?? 0) + 1)
    case 'acked':
      return at('sent')
    case 'conflict':
      return op.live ? at('conflict') : at('settled')
    case 'rejected':
      if (op.live) return at('refused')
      return at(later.length > 0 ? 'superseded' : 'settled')
  }
}

/** An app too old to receive still sends; what does not fly in a round under way leaves with the next request. */
const turn = (reason: Reason): Reason => (reason === 'old' || reason === 'sending' ? 'soon' : reason)

function placePhoto(photo: PhotoRow, recordWaits: boolean, { photoQueue, status }: Known): PhotoPlace {
  if (photo.state === 'have') return { photo, place: 'sent', nth: 0, reason: undefined }
  if (photo.state === 'refused') return { photo, place: 'refused', nth: 0, reason: undefined }
  if (photo.sending) return { photo, place: 'sending', nth: 0, reason: 'sending' }
  const nth = photoQueue.indexOf(photo.sha256) + 1
  const reason = recordWaits ? 'record_first' : status.held && !photo.urgent ? status.held : nth > 1 && (status.reason === 'sending' || status.reason === 'soon') ? 'photos_first' : turn(status.reason)
  return { photo, place: 'waiting', nth, reason }
}

/** The one thing to say first: what needs a person, then what waits, then what is safe. */
export type Headline = Place | 'photos' | 'draft' | 'undo' | 'unknown'

export function headline(local: LocalWhere): Headline {
  const has = (place: Place) => local.ops.some((one) => one.place === place)
  if (has('refused') || local.photos.some((one) => one.place === 'refused')) return 'refused'
  if (has('conflict')) return 'conflict'
  if (local.draft?.reason === 'undo') return 'undo'
  if (has('sending')) return 'sending'
  if (has('waiting')) return 'waiting'
  if (local.photos.some((one) => one.place !== 'sent')) return 'photos'
  if (local.draft) return 'draft'
  if (has('sent') || local.base) return 'sent'
  return has('superseded') ? 'superseded' : has('settled') ? 'settled' : 'unknown'
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

/** What somebody typed or scanned, as the server understands it: `device:n`, an id, a hash; undefined when it is none. */
export function askedFor(text: string): string | undefined {
  const lower = text.trim().toLowerCase()
  const numbered = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}:[1-9]\d{0,15}/.exec(lower)
  if (numbered) return numbered[0]
  const ids = lower.match(UUID)
  return ids?.at(-1) ?? /\b[0-9a-f]{64}\b/.exec(lower)?.[0]
}

/** The records of this phone that an id, an operation's number or a photo's hash belongs to. */
export async function recordsOf(db: Store, asked: string): Promise<string[]> {
  const [device, n] = asked.split(':')
  if (n !== undefined) {
    const op = await db.outbox.where('[device+n]').equals([device!, Number(n)]).first()
    return op ? [op.record] : []
  }
  const photo = await db.photos.get(asked)
  if (photo) return photo.records
  if ((await db.base.get(asked)) || (await db.outbox.where('record').equals(asked).count()) > 0) return [asked]
  const event = await db.outbox.filter((op) => op.id === asked).first()
  return event ? [event.record] : [asked]
}

/** Reads what `whereLocal` needs. */
export async function know(db: Store, id: string, status: Known['status'], now: number): Promise<Known> {
  const [ops, photos, queued, waiting, base, drafts, held] = await Promise.all([
    db.outbox.where('record').equals(id).toArray(),
    db.photos.where('records').equals(id).toArray(),
    db.outbox.where('status').equals('queued').sortBy('seq'),
    db.photos.where('state').equals('waiting').sortBy('added_at'),
    db.base.get(id),
    db.drafts.filter((row) => row.key.endsWith(`:${id}`)).toArray(),
    db.drafts.get('desk:held'),
  ])
  return {
    id,
    ops,
    photos,
    queue: queued.map((op) => op.seq ?? 0),
    photoQueue: waiting.map((photo) => photo.sha256),
    draft: heldUntil(id, drafts[0]?.state, held?.state, now) ?? (drafts[0] && { reason: 'draft', at: drafts[0].at }),
    base,
    status,
  }
}

const UNDO_MS = 10_000

/** A step or a decision that can still be taken back lies in its page's draft, not in the outbox. */
function heldUntil(id: string, step: unknown, decisions: unknown, now: number): LocalWhere['draft'] {
  const slid = (step as { held?: { at?: string } } | undefined)?.held?.at
  if (slid) return { reason: 'undo', at: Math.max(now, Date.parse(slid) + UNDO_MS) }
  const decided = Array.isArray(decisions) ? (decisions as { id: string; due: number }[]).find((one) => one.id === id) : undefined
  return decided && { reason: 'undo', at: Math.max(now, decided.due) }
}

/** All that this phone made and still remembers (14 days after it was acknowledged), newest first. */
export async function made(db: Store): Promise<{ id: string; kind: KindName; at: string }[]> {
  const last = new Map<string, { id: string; kind: KindName; at: string }>()
  for (const op of await db.outbox.orderBy('seq').toArray()) last.set(op.record, { id: op.record, kind: op.kind, at: op.at })
  return [...last.values()].reverse()
}

/** unknown: the server never had it, or may not say · offline: it cannot be asked now. */
export async function askServer(asked: string): Promise<ServerWhere | 'unknown' | 'offline'> {
  try {
    return await get('/api/v1/sync/where/{id}', { id: asked })
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return 'unknown'
    if (error instanceof Problem || error instanceof Unreachable) return 'offline'
    throw error
  }
}
