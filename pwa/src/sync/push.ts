/** Sends the outbox, oldest first, and stores the answer to each operation. */
import { callJson, type Fetch, packedCall, Problem, Unreachable } from '@/api/client'
import { post } from '@/api/server'
import { publicKey } from '@/custody/keys'
import { KEEP_MS, savingText } from '@/media/kept'
import { offerAgain } from '@/media/upload'

import { type Conflict, type Device, type Issue, type OpStatus, type OutRow, setMeta, type Store } from './db'
import { skew } from './clock'
import { type Compared, compared } from './kept'
import { askAgain, device as ownDevice, SCHEMA } from './outbox'
import { clockOf } from './timing'

const LARGEST = 100

export interface Result {
  n: number
  id?: string
  status: 'applied' | 'merged' | 'conflict' | 'rejected'
  rev?: number
  code?: string
  issues?: Issue[]
  conflicts?: Conflict[]
  facts?: Record<string, unknown>
}

interface Answer {
  acked: number
  now: string
  results: Result[]
}

export interface PushContext {
  db: Store
  call: Fetch
  now: () => Date
  version: string
}

/** Operations that go into one request; halves when they do not get through, doubles when they do. */
export class BatchSize {
  value = LARGEST

  better(): void {
    this.value = Math.min(LARGEST, this.value * 2)
  }

  worse(): void {
    this.value = Math.max(1, Math.floor(this.value / 2))
  }
}

/**
 * Tells the server about this phone, once for each device id and again when the server began anew: what it had
 * acknowledged and lacks after a restore is queued again, photos too. With it goes the public half of the phone's key; an id that
 * is bound to another key is given up: this browser lost its memory, or is a copy.
 */
export async function register(context: PushContext): Promise<void> {
  const device = await ownDevice(context.db)
  if (device.registered && device.keyed) return
  const key = await publicKey(context.db)
  let known: { n: number; epoch: number }
  try {
    known = await post('/api/v1/devices', { id: device.id, name: await deviceName(), app_version: context.version, ...(key && { key }) }, context.call)
  } catch (error) {
    if (!(error instanceof Problem && (error.code === 'device_taken' || error.code === 'device_key_changed'))) throw error
    if (error.code === 'device_key_changed') await setMeta(context.db, 'keyLost', { device: device.id, at: context.now().getTime() })
    await renumber(context.db)
    return register(context)
  }
  // Queued again before it counts as registered: a page killed in between asks once more.
  if (!(await refill(context, device.id, known.n, await compared(context.db, context.call)))) return register(context)
  await offerAgain(context.db, context.call)
  await context.db.transaction('rw', context.db.meta, async () => {
    const current = await ownDevice(context.db)
    if (current.id === device.id) await setMeta(context.db, 'device', { ...current, registered: true, keyed: true, epoch: known.epoch })
  })
}

interface Described {
  userAgentData?: { getHighEntropyValues: (names: string[]) => Promise<{ model?: string; platform?: string }> }
}

/** The model where the browser tells it: the user agent of all Android phones reads alike. */
async function deviceName(): Promise<string> {
  const here = typeof navigator === 'undefined' ? undefined : navigator
  const { model, platform } = (await (here as Described | undefined)?.userAgentData?.getHighEntropyValues(['model', 'platform']).catch(() => undefined)) ?? {}
  if (model) return `${model} · ${platform ?? ''}`.slice(0, 100)
  const agent = here?.userAgent ?? ''
  const known = /\(([^)]+)\)/.exec(agent)?.[1] ?? 'browser'
  return known.slice(0, 100)
}

/** A push without operations: the server notes that this phone is there and what its clock is worth. */
export async function greet(context: PushContext): Promise<void> {
  const { id, registered } = await ownDevice(context.db)
  if (!registered) return
  try {
    await send(context, [], id)
  } catch (error) {
    if (!(error instanceof Problem && ['device_unknown', 'resync'].includes(error.code))) throw error
    await askAgain(context.db)
    await register(context)
  }
}

/**
 * Pushes until the outbox is empty. Unreachable or Problem end it; nothing is lost by that, whatever the server
 * did with the last request: a repeated operation gets its first answer again.
 */
export async function pushAll(context: PushContext, size: BatchSize): Promise<number> {
  let sent = 0
  for (let faults = 0; ; ) {
    await register(context)
    const ops = await savingText(context.db, () => takeBatch(context.db, size.value))
    if (ops.length === 0) break
    try {
      const answer = await send(context, ops)
      await savingText(context.db, () => keepAnswer(context, ops, answer))
      sent += ops.length
      size.better()
      faults = 0
    } catch (error) {
      await land(context.db, ops)
      // The same fault over and over is for the back-off, not for this loop.
      if (++faults > 10 || !(await mend(context, ops, size, error))) throw error
    }
  }
  await prune(context)
  return sent
}

/** Marks the oldest queued operations as flying. */
async function takeBatch(db: Store, size: number): Promise<OutRow[]> {
  return db.transaction('rw', db.outbox, async () => {
    const oldest = (await db.outbox.where('status').equals('queued').sortBy('seq')).slice(0, size)
    // An envelope names one schema: what an older app wrote goes by itself, so that the server can lift it.
    const other = oldest.findIndex((op) => op.schema !== oldest[0]!.schema)
    const queued = other < 0 ? oldest : oldest.slice(0, other)
    return settled(db, queued, { flying: 1 })
  })
}

/** What left once must leave the same again, in a push or in a file, so the clock's offset is settled now or never. */
export async function settled(db: Store, queued: OutRow[], change: Partial<OutRow> = {}): Promise<OutRow[]> {
  const clock = clockOf(db)
  for (const op of queued) {
    const { tick, ...kept } = op
    const skew = op.skew ?? clock.settle({ tick })
    Object.assign(op, skew && { skew })
    await db.outbox.put({ ...kept, ...(skew && { skew }), ...change })
  }
  return queued
}

async function land(db: Store, ops: OutRow[]): Promise<void> {
  await db.transaction('rw', db.outbox, async () => {
    for (const op of ops) await db.outbox.update(op.seq!, { flying: 0 })
  })
}

/** Operations that a killed page left flying are queued as before. */
export async function landAll(db: Store): Promise<void> {
  await db.transaction('rw', [db.outbox, db.photos], async () => {
    await db.outbox.where('status').equals('queued').modify({ flying: 0 })
    await db.photos.where('state').equals('waiting').modify({ sending: 0 })
  })
}

export function wire(op: OutRow): Record<string, unknown> {
  const common = { n: op.n, op: op.op, kind: op.kind, id: op.id, at: op.at, ...op.skew }
  if (op.op === 'event') return { ...common, subject: op.record, type: op.type, data: op.data }
  if (op.op === 'delete') return { ...common, base: op.base }
  return { ...common, base: op.base, data: op.data }
}

async function send(context: PushContext, ops: OutRow[], device = ops[0]!.device): Promise<Answer> {
  const known = clockOf(context.db).now()
  const { epoch } = await ownDevice(context.db)
  const body = {
    device,
    ...(epoch !== undefined && { epoch }),
    schema: ops[0]?.schema ?? SCHEMA,
    sent_at: context.now().toISOString(),
    ...(known && skew(known)),
    ops: ops.map(wire),
  }
  return callJson<Answer>(context.call, '/api/v1/sync/push', { ...(await packedCall('POST', body)), timeoutMs: 30_000 })
}

async function keepAnswer(context: PushContext, ops: OutRow[], answer: Answer): Promise<void> {
  const results = new Map(answer.results.map((result) => [result.n, result]))
  const { db } = context
  await db.transaction('rw', db.outbox, async () => {
    for (const op of ops) {
      const result = results.get(op.n)
      if (!result && op.n > answer.acked) {
        await db.outbox.update(op.seq!, { flying: 0 })
        continue
      }
      await db.outbox.update(op.seq!, answered(result, context.now().getTime()))
    }
  })
}

function answered(result: Result | undefined, at: number): Partial<OutRow> {
  const status: OpStatus = result?.status === 'rejected' ? 'rejected' : result?.status === 'conflict' ? 'conflict' : 'acked'
  return {
    flying: 0,
    status,
    // Without a revision there is nothing to wait for: the next pull brings what there is.
    live: status === 'acked' && !result?.rev ? 0 : 1,
    ...(result?.rev ? { rev: result.rev } : {}),
    ...(status === 'acked' ? {} : { code: result?.code || status, issues: result?.issues ?? [], conflicts: result?.conflicts ?? [], facts: result?.facts ?? {} }),
    acked_at: at,
  }
}

/** Answers a refused request; true when it is worth sending again at once. */
async function mend(context: PushContext, ops: OutRow[], size: BatchSize, error: unknown): Promise<boolean> {
  if (error instanceof Unreachable) {
    size.worse()
    return false
  }
  if (!(error instanceof Problem)) return false
  switch (error.code) {
    case 'gap':
    case 'resync':
    case 'device_unknown':
      await askAgain(context.db)
      return true
    case 'device_fork':
    case 'device_taken':
      await renumber(context.db)
      return true
  }
  if (error.status === 413 || error.status === 400) {
    if (size.value > 1 && ops.length > 1) {
      size.value = Math.max(1, Math.floor(Math.min(size.value, ops.length) / 2))
      return true
    }
    if (error.code === 'http_413') return false // a proxy's limit, not the server's word: it may be another way tomorrow
    await setAside(context, ops[0]!, error.code)
    return true
  }
  if (error.status >= 500 || error.status === 408) size.worse()
  return false
}

/**
 * Queues what the server, which has `known` operations of this device id, lacks. It keeps its numbers where they are
 * the server's next ones; where they went to another phone of the same id, or a number before them is gone here too,
 * the phone goes on under a new device id: then false. What was judged anew waits for its person, unless he has settled it.
 */
async function refill({ db, now }: PushContext, device: string, known: number, { lacking, judged }: Compared): Promise<boolean> {
  return db.transaction('rw', [db.outbox, db.meta], async () => {
    for (const [op, result] of judged) await db.outbox.update(op.seq!, { ...answered(result, now().getTime()), live: op.status === 'acked' ? 1 : op.live })
    const ahead = await db.outbox.where('[device+n]').between([device, known + 1], [device, Infinity]).sortBy('n')
    const told = ahead.filter((op) => op.status !== 'queued')
    const lost = new Map([...lacking, ...told].map((op) => [op.seq!, op]))
    const next = ahead.every((op, i) => op.n === known + 1 + i) && [...lost.values()].every((op) => op.device === device && op.n > known)
    if (!next) await renumber(db, new Set(lost.keys()))
    else for (const seq of lost.keys()) await db.outbox.update(seq, { status: 'queued', live: 1, flying: 0 })
    return next
  })
}

/** Takes a new device id; queued operations, and sent ones that the server lost (by `seq`), get new numbers. */
async function renumber(db: Store, lost: ReadonlySet<number> = new Set()): Promise<void> {
  await db.transaction('rw', [db.outbox, db.meta], async () => {
    const fresh: Device = { id: crypto.randomUUID(), n: 0, registered: false }
    const ops = await db.outbox.orderBy('seq').toArray()
    for (const op of ops) {
      if (op.status !== 'queued' && !lost.has(op.seq!)) continue
      await db.outbox.update(op.seq!, { device: fresh.id, n: ++fresh.n, status: 'queued', live: 1, flying: 0 })
    }
    await setMeta(db, 'device', fresh)
  })
}

/** An operation that no request can carry waits for a person; those after it move up, for its number was not used. */
async function setAside(context: PushContext, poison: OutRow, code: string): Promise<void> {
  const { db } = context
  await db.transaction('rw', [db.outbox, db.meta], async () => {
    await db.outbox.update(poison.seq!, { status: 'rejected', code, n: 0, flying: 0, acked_at: context.now().getTime() })
    let n = poison.n - 1
    for (const op of await db.outbox.where('status').equals('queued').sortBy('seq')) {
      if (op.device === poison.device) await db.outbox.update(op.seq!, { n: ++n })
    }
    const device = await ownDevice(db)
    if (device.id === poison.device) await setMeta(db, 'device', { ...device, n })
  })
}

/** Sent operations are kept 14 days, for a server that comes back from a backup. */
async function prune(context: PushContext): Promise<void> {
  const before = context.now().getTime() - KEEP_MS
  await context.db.outbox
    .where('live')
    .equals(0)
    .and((op) => op.status !== 'queued' && (op.acked_at ?? 0) < before)
    .delete()
}
