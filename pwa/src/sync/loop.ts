/** One tab leads and syncs: records out, changes in, then photos. Everything that may need it pokes it. */
import { shallowRef } from 'vue'

import { type Fetch, Problem, rawFetch, Unreachable } from '@/api/client'
import { keepReserve, sweepKept } from '@/media/kept'
import { sweepHeld } from '@/media/sweep'
import { countSent, sentToday } from '@/media/meter'
import { ALWAYS, type Held, heldBack, lineOf, type Policy, type Situation } from '@/media/policy'
import { PieceSize, toSend, uploadAll } from '@/media/upload'

import { askForAudit, auditDue } from './auditDue'
import { hear, poke, say } from './bus'
import { getMeta, note, type PhotoRow, setMeta, type Store, store } from './db'
import { setFilling } from './filling'
import { device as ownDevice } from './outbox'
import { pullAll } from './pull'
import { BatchSize, greet, landAll, type PushContext, pushAll, register } from './push'
import { type Reason, reasonOf } from './reasons'
import { learnSettled } from './settled'
import { type LeaderStatus, NOTHING, type Phase } from './status'
import { skew } from './clock'
import { clockOf, type DeviceClock, type Remembered } from './timing'

const POLL_MS = 60_000
const FIRST_WAIT_MS = 2_000
const LONGEST_WAIT_MS = 300_000
/** So often a phone with nothing to send tells that it is there, and what its clock says. */
const GREET_MS = 3_600_000

/** Full jitter: anything between nothing and the doubled wait, so that phones do not come back together. */
export function backoff(tries: number, random: number, leastMs = 0): number {
  return leastMs + random * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(tries, 20))
}

/** What the loop takes from its surroundings: the hour, chance and timers. */
export interface World {
  /** Milliseconds since 1970. */
  now: () => number
  /** Milliseconds, monotonic. */
  clock: () => number
  /** From 0, below 1. */
  random: () => number
  /** Runs `then` after `ms`; what it gives back calls that off. */
  later: (then: () => void, ms: number) => () => void
}

const REAL: World = {
  now: () => Date.now(),
  clock: () => performance.now(),
  random: () => Math.random(),
  later: (then, ms) => {
    const timer = setTimeout(then, ms)
    return () => clearTimeout(timer)
  },
}

export class SyncLoop {
  private status: LeaderStatus = NOTHING
  private readonly batch = new BatchSize()
  private readonly piece = new PieceSize()
  private tries = 0
  private callOff = () => {}
  private running: Promise<void> | undefined
  private again = false
  private stopped = false
  private greeted = -Infinity
  private readonly call: Fetch
  private readonly clock: DeviceClock

  constructor(
    private readonly db: Store,
    call: Fetch = rawFetch,
    private readonly world: World = REAL,
  ) {
    this.clock = clockOf(db, world === REAL ? undefined : world)
    this.call = this.clock.timed(call)
  }

  async start(): Promise<void> {
    await landAll(this.db)
    const earlier = await getMeta<Remembered>(this.db, 'clock')
    this.clock.remember(earlier)
    const lastSync = (await getMeta<number>(this.db, 'lastSync')) ?? null
    if (lastSync !== null) {
      // A phone that was never here before has nothing of last week: its first records do not wait for that.
      await sweepHeld(this.db, this.world.now())
      await sweepKept(this.db, this.world.now())
      await keepReserve(this.db)
    }
    this.status = { ...this.status, reason: 'soon', lastSync, rate: (await getMeta<number>(this.db, 'rate')) ?? 0, skew: earlier ? skew(earlier) : null }
    this.tell({})
    this.wake()
  }

  stop(): void {
    this.stopped = true
    this.callOff()
  }

  /** Syncs now; while it runs, once more afterwards. */
  wake(): void {
    if (this.stopped) return
    this.callOff()
    if (this.running) {
      this.again = true
      return
    }
    this.running = this.run().finally(() => {
      this.running = undefined
      if (this.stopped) return
      if (this.again) {
        this.again = false
        this.wake()
      }
    })
  }

  /** Resolves when no run is under way; for tests and for signing out. */
  async rest(): Promise<void> {
    while (this.running) await this.running
  }

  /** What the leader last said; a new tab asks for it. */
  repeat(): void {
    this.tell({})
  }

  private async run(): Promise<void> {
    try {
      const old = await this.once()
      const { afterSync } = await import('@/custody/afterSync')
      await afterSync(this.db, this.call, new Date(this.world.now()))
      await this.report()
      if (this.status.lastSync === null) await keepReserve(this.db)
      this.tries = 0
      const lastSync = this.world.now()
      await setMeta(this.db, 'lastSync', lastSync)
      await this.rememberClock()
      const wait = POLL_MS * (0.8 + 0.4 * this.world.random())
      this.tell({ phase: old ? 'old' : 'idle', reason: old ? 'old' : 'soon', lastSync, nextTry: lastSync + wait, code: old ? 'schema_too_old' : null })
      this.later(wait)
    } catch (error) {
      if (this.stopped) return
      await this.failed(error)
    } finally {
      setFilling(false)
    }
  }

  /** Whether the app is too old to receive. */
  private async once(): Promise<boolean> {
    const now = () => new Date(this.world.now())
    const context = { db: this.db, call: this.call, now, version: __APP_VERSION__ }
    await register(context)
    const push = async () => {
      const waiting = await this.db.outbox.where('status').equals('queued').count()
      if (waiting === 0) return
      await this.measure()
      this.tell({ phase: 'pushing', reason: 'sending', nextTry: null })
      await pushAll(context, this.batch)
      this.greeted = this.world.clock()
    }
    let old = false
    const pull = async () => {
      this.tell({ phase: 'pulling', reason: 'sending', nextTry: null })
      try {
        await pullAll(this.db, this.call, now)
        await learnSettled(this.db, this.call)
      } catch (error) {
        // Too old to receive is not too old to send.
        if (!(error instanceof Problem && error.status === 426)) throw error
        this.tell({ phase: 'old', code: error.code })
        old = true
      }
    }
    await push()
    await this.greet(context)
    await push() // what the server, if it began anew, was found to lack
    await pull()
    if (!(await ownDevice(this.db)).registered) {
      // The server began anew. What it has lost, if anything, goes again.
      await register(context)
      await push()
      await pull()
    }
    if (!old) await this.audit(now)
    await this.report()
    const waiting = await toSend(this.db, this.world.now())
    const held = await this.heldOf(waiting)
    this.tell({ held: held.find((why) => why !== undefined) ?? null })
    if (held.every((why) => why !== undefined)) return old
    this.tell({ phase: 'photos' })
    setFilling(false)
    await uploadAll(
      {
        db: this.db,
        call: this.call,
        clock: this.world.clock,
        now: () => this.world.now(),
        between: async () => {
          if (this.stopped) throw new Unreachable()
          await push()
          this.tell({ phase: 'photos' })
        },
        progress: async (bytes, ms) => {
          const now = bytes / Math.max(ms / 1000, 0.001)
          const rate = this.status.rate ? 0.7 * this.status.rate + 0.3 * now : now
          this.status = { ...this.status, rate }
          await countSent(this.db, bytes, rate, this.world.now())
        },
        may: async (photo) => {
          const [why] = await this.heldOf([photo])
          if (why) this.tell({ held: why })
          return why === undefined
        },
      },
      this.piece,
    )
    return old
  }

  /** Why each of these photos waits by the person's choice. */
  private async heldOf(photos: readonly PhotoRow[]): Promise<(Held | undefined)[]> {
    const [policy, nowAt, sent] = await Promise.all([getMeta<Policy>(this.db, 'photoPolicy'), getMeta<number>(this.db, 'photosNow'), sentToday(this.db, this.world.now())])
    const line = lineOf((globalThis.navigator as { connection?: { type?: string } } | undefined)?.connection)
    const situation: Situation = { policy: policy ?? ALWAYS, line, sentToday: sent, nowAt: nowAt ?? 0 }
    return photos.map((photo) => heldBack(photo, situation))
  }

  /** Operations leave with what this device's clock was worth when they were made: the server is asked for its time first. */
  private async measure(): Promise<void> {
    if (this.clock.now()) return
    try {
      await this.call('/api/v1/session')
    } catch (error) {
      if (error instanceof Unreachable) throw error
    }
  }

  /** Nothing was sent for long: a push without operations tells the server of this phone and its clock. */
  private async greet(context: PushContext): Promise<void> {
    if (this.world.clock() - this.greeted < GREET_MS) return
    await this.measure()
    await greet(context)
    this.greeted = this.world.clock()
  }

  /** Now and then: does this phone hold what the server holds? A refusal leaves it due. */
  private async audit(now: () => Date): Promise<void> {
    if (!(await auditDue(this.db, this.world.now()))) return
    const { audit } = await import('./audit')
    try {
      await audit(this.db, this.call, now)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      await note(this.db, 'audit.refused', { code: error.code, status: error.status })
    }
  }

  /** Before the photos, which may take long, and when all is done. */
  private async report(): Promise<void> {
    const { report } = await import('./report')
    await report(this.db, this.call, new Date(this.world.now()))
  }

  private async rememberClock(): Promise<void> {
    const known = this.clock.toRemember()
    if (!known) return
    await setMeta(this.db, 'clock', known)
    this.clock.remember(known)
  }

  private async failed(error: unknown): Promise<void> {
    this.tries += 1
    const problem = error instanceof Problem ? error : undefined
    const phase: Phase =
      problem?.status === 401 ? 'signin' : problem?.code === 'device_revoked' ? 'revoked' : error instanceof Unreachable ? 'offline' : 'waiting'
    if (!problem && !(error instanceof Unreachable)) {
      await note(this.db, 'sync.broken', { error: String(error) }).catch(() => {})
      await askForAudit(this.db).catch(() => {})
    } else if (phase !== 'offline') {
      await note(this.db, 'sync.refused', { code: problem?.code, status: problem?.status }).catch(() => {})
    }
    // A session or a device that ended comes back by a person's doing, not by asking often.
    const wait = phase === 'signin' || phase === 'revoked' ? LONGEST_WAIT_MS : backoff(this.tries, this.world.random(), (problem?.retryAfter ?? 0) * 1000)
    const reason: Reason = reasonOf(error)
    this.tell({ phase, reason, nextTry: this.world.now() + wait, code: problem?.code ?? null })
    this.later(wait)
  }

  private later(ms: number): void {
    this.callOff()
    if (this.stopped) return
    this.callOff = this.world.later(() => this.wake(), ms)
  }

  private tell(change: Partial<LeaderStatus>): void {
    const known = this.clock.now()
    this.status = { ...this.status, ...change, skew: known ? skew(known) : this.status.skew }
    say({ type: 'status', status: this.status })
  }
}

/** Another page of the app does the sending for this person. */
export const elsewhere = shallowRef(false)

let leave = () => {}
let syncing: Store | undefined

/** Starts syncing for the open database, once; waits for the lead while another tab has it. */
export function startSync(): void {
  const db = store()
  if (syncing === db) return
  leave()
  syncing = db
  const gone = new AbortController()
  let loop: SyncLoop | undefined
  const deafen = hear((message) => {
    if (message.type !== 'poke') return
    if (message.why === 'hello') loop?.repeat()
    else loop?.wake()
  })
  const nudge = () => {
    if (document.visibilityState === 'visible') loop?.wake()
  }
  const lead = async (): Promise<void> => {
    elsewhere.value = false
    loop = new SyncLoop(db)
    await loop.start()
    await new Promise<void>((resolve) => gone.signal.addEventListener('abort', () => resolve(), { once: true }))
    loop.stop()
    loop = undefined
  }
  const connection = (navigator as { connection?: EventTarget }).connection
  window.addEventListener('online', nudge)
  connection?.addEventListener?.('change', nudge) // Wi-Fi is here: photos may go
  document.addEventListener('visibilitychange', nudge)
  leave = () => {
    deafen()
    window.removeEventListener('online', nudge)
    connection?.removeEventListener?.('change', nudge)
    document.removeEventListener('visibilitychange', nudge)
    gone.abort()
    syncing = undefined
    leave = () => {}
  }
  elsewhere.value = false
  if (navigator.locks) {
    const asked = setTimeout(() => (elsewhere.value = loop === undefined), 3_000) // a page that is being left lets go by then
    gone.signal.addEventListener('abort', () => clearTimeout(asked))
    void navigator.locks.request(`mingcha-sync-${db.person}`, { signal: gone.signal }, lead).catch(() => {
      // Aborted while another tab led: nothing to release.
    })
  } else {
    void lead()
  }
  poke('hello')
}

export function stopSync(): void {
  leave()
}
