/**
 * The receipt at day's end: the server's signature under "all of this day is here".
 *
 * The phone asks only when nothing unsent is left, keeps what it gets for good, and checks the signature itself,
 * without a signal.
 */
import { callJson, type Fetch, jsonCall, Problem } from '@/api/client'
import { hex } from '@/media/hash'
import { type Device, formDrafts, getMeta, note, type OutRow, setMeta, type Store } from '@/sync/db'

import { fromBase64url, sha256, utf8 } from './bytes'
import { serverKeys, verifies } from './keys'

export interface Receipt {
  device: string
  person: string
  day: string
  zone: string
  n: number
  operations: number
  records: number
  photos: number
  /** Records whose last change was refused: kept on the server, waiting for a person. */
  refused: number
  list: string
  at: string
}

export interface Missing {
  operations: { count: number }
  records: { count: number; ids: string[] }
  photos: { count: number; sha256: string[] }
}

export interface Kept {
  day: string
  signed: string
  receipt: Receipt
}

/** What only this phone has. */
export interface Left {
  records: number
  photos: number
  /** Photos that the server refused. */
  refusedPhotos: number
  /** Changes that no request can carry. */
  aside: number
  /** Forms not saved, and photos in them. */
  drafts: number
}

interface Asked {
  device: string
  day: string
  zone: string
  n: number
  spans: { device: string; first: number; last: number }[]
  records: { id: string; rev: number }[]
  photos: string[]
}

/** `2026-11-25`, this phone's day. */
export function dayOf(now: Date): string {
  const two = (n: number) => String(n).padStart(2, '0')
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`
}

export async function leftHere(db: Store): Promise<Left> {
  const [live, waiting, refused, held, drafts] = await Promise.all([
    db.outbox.where('live').equals(1).toArray(),
    db.photos.where('state').equals('waiting').count(),
    db.photos.where('state').equals('refused').count(),
    db.photos.where('state').equals('held').count(),
    formDrafts(db).count(),
  ])
  return {
    records: new Set(live.filter((op) => op.status === 'queued').map((op) => op.record)).size,
    photos: waiting,
    refusedPhotos: refused,
    aside: live.filter(isAside).length,
    drafts: Math.max(drafts, held > 0 ? 1 : 0),
  }
}

/** Set aside before the server could count it: its content is on this phone alone. */
export function isAside(op: OutRow): boolean {
  return op.status === 'rejected' && op.n === 0
}

function isUnsent(left: Left): boolean {
  return left.records + left.photos + left.refusedPhotos + left.aside > 0
}

/** What this phone made on the day of `now`; undefined for nothing. */
export async function madeOn(db: Store, now: Date): Promise<Asked | undefined> {
  const device = await getMeta<Device>(db, 'device')
  if (!device) return undefined
  const begin = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime()
  const end = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1).getTime()
  const within = (at: number) => at >= begin && at < end
  const ops = (await db.outbox.toArray()).filter((op) => op.n > 0 && within(Date.parse(op.at)))
  const photos = (await db.photos.toArray()).filter((photo) => photo.records.length > 0 && within(photo.added_at))
  if (ops.length === 0 && photos.length === 0) return undefined
  const spans = new Map<string, { first: number; last: number }>()
  const records = new Map<string, number>()
  for (const op of ops) {
    const span = spans.get(op.device) ?? { first: op.n, last: op.n }
    spans.set(op.device, { first: Math.min(span.first, op.n), last: Math.max(span.last, op.n) })
    records.set(op.record, Math.max(records.get(op.record) ?? 0, op.status === 'rejected' ? 0 : (op.rev ?? 0)))
  }
  return {
    device: device.id,
    day: dayOf(now),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC',
    n: device.n,
    spans: [...spans].map(([id, span]) => ({ device: id, ...span })),
    records: [...records].map(([id, rev]) => ({ id, rev })),
    photos: photos.map((photo) => photo.sha256),
  }
}

/** SHA-256 over the sorted lines `photo <sha256>` and `record <id> <rev>`, as the server signs it. */
export async function listHash(asked: Pick<Asked, 'records' | 'photos'>): Promise<string> {
  const lines = [...asked.records.map(({ id, rev }) => `record ${id} ${rev}\n`), ...asked.photos.map((photo) => `photo ${photo}\n`)]
  return hex((await sha256(utf8([...new Set(lines)].sort().join('')))).buffer)
}

const keyOf = (day: string, device: string) => `receipt:${day}:${device}`

/** Asks for today's receipt when nothing is left to send and the last one does not say it yet. */
export async function askReceipt(db: Store, call: Fetch, now: Date): Promise<void> {
  if (isUnsent(await leftHere(db))) return
  const asked = await madeOn(db, now)
  if (!asked) return
  const kept = await getMeta<Kept>(db, keyOf(asked.day, asked.device))
  if (kept && (await covers(kept, asked))) return
  const epoch = (await getMeta<Device>(db, 'device'))?.epoch
  try {
    const given = await callJson<{ signed: string; receipt: Receipt }>(call, '/api/v1/receipts', jsonCall('POST', { ...asked, ...(epoch !== undefined && { epoch }) }))
    await setMeta(db, keyOf(asked.day, asked.device), { day: asked.day, ...given } satisfies Kept)
    await db.meta.delete('receiptMissing')
  } catch (error) {
    if (!(error instanceof Problem) || error.status === 401) throw error
    if (error.code === 'receipt_incomplete') await setMeta(db, 'receiptMissing', { day: asked.day, missing: error.facts.missing })
    await note(db, 'receipt.refused', { code: error.code, missing: error.facts.missing })
  }
}

/** Whether a receipt says all that was made. */
export async function covers(kept: Kept, asked: Asked): Promise<boolean> {
  return kept.receipt.n === asked.n && kept.receipt.list === (await listHash(asked))
}

/** Checks the signature with the server's key, here on the phone; the content only when it holds. */
export async function verified(db: Store, signed: string): Promise<Receipt | undefined> {
  const [header, content, signature] = signed.split('.')
  if (!header || !content || !signature) return undefined
  const text = (part: string) => JSON.parse(new TextDecoder().decode(fromBase64url(part))) as Record<string, unknown>
  try {
    const { kid, alg } = text(header)
    const key = (await serverKeys(db)).find((one) => one.id === kid && one.purpose === 'sign')
    if (!key || alg !== 'ES256' || !(await verifies(key, fromBase64url(signature), utf8(`${header}.${content}`)))) return undefined
    return text(content) as unknown as Receipt
  } catch {
    return undefined // not what it claims to be
  }
}

/** none: nothing today · left: not all is sent · asking: sent, no receipt yet · missing: the server lacks something · bad: signature · drafts: only forms are left · refused: all there, some refused · safe */
export type DayState = 'none' | 'left' | 'asking' | 'missing' | 'bad' | 'drafts' | 'refused' | 'safe'

export interface Day {
  state: DayState
  left: Left
  receipt?: Receipt
  signed?: string
  missing?: Missing
}

/** Where the day of `now` stands, from what lies on this phone alone. */
export async function dayState(db: Store, now: Date): Promise<Day> {
  const left = await leftHere(db)
  if (isUnsent(left)) return { state: 'left', left }
  const asked = await madeOn(db, now)
  if (!asked) return { state: left.drafts > 0 ? 'drafts' : 'none', left }
  const kept = await getMeta<Kept>(db, keyOf(asked.day, asked.device))
  if (!kept || !(await covers(kept, asked))) {
    const refused = await getMeta<{ day: string; missing: Missing }>(db, 'receiptMissing')
    return refused?.day === asked.day ? { state: 'missing', left, missing: refused.missing } : { state: 'asking', left }
  }
  const receipt = await verified(db, kept.signed)
  if (!receipt) return { state: 'bad', left, signed: kept.signed }
  // what is signed counts, not what lies beside it
  const said = receipt.n === asked.n && receipt.device === asked.device && receipt.list === (await listHash(asked))
  if (!said) return { state: 'bad', left, signed: kept.signed }
  return { state: receipt.refused > 0 ? 'refused' : left.drafts > 0 ? 'drafts' : 'safe', left, receipt, signed: kept.signed }
}
