/** Measures this device's clock with every request, and sees when somebody sets it. */
import type { Fetch } from '@/api/client'

import { before, either, estimate, grown, type Interval, measured, moved, type Sample, type Skew, skew } from './clock'
import type { OutRow, Store } from './db'

/** What whole milliseconds and slow corrections of the wall clock may hide, ms. */
const UNSTEADY_MS = 2
/** A gain above this is worth waiting for the next answer: it may be a nap or a hand on the clock, ms. */
const DOUBT_MS = 1_000
const KEPT = 8

export interface Clocks {
  /** The wall clock, ms since 1970. */
  now: () => number
  /** A monotonic clock, ms. */
  clock: () => number
}

/** Where the clocks of a page stood when an operation was made: `gap` is wall clock less monotonic clock. */
export interface Tick {
  page: string
  gap: number
  at: number
}

/** The last estimate of an earlier page, and the wall clock's time of it. */
export interface Remembered extends Interval {
  wall: number
}

export class DeviceClock {
  private samples: Sample[] = []
  private gap: number
  /** The wall clock gained time and no answer has told since whether it was set or the device slept. */
  private unsure = false
  private readonly page = crypto.randomUUID()
  private earlier: Remembered | undefined

  constructor(private readonly clocks: Clocks) {
    this.gap = clocks.now() - clocks.clock()
  }

  /** What an earlier page knew; counts for operations that it left behind. */
  remember(earlier: Remembered | undefined): void {
    this.earlier = earlier
  }

  /** The offset now; undefined until an answer told it. */
  now(): Interval | undefined {
    this.look()
    if (this.samples.length === 0 || this.unsure) return undefined
    const { low, high } = estimate(this.samples, Math.round(this.clocks.clock()))
    return { low: low - UNSTEADY_MS, high: high + UNSTEADY_MS }
  }

  /** For the next page of this device. */
  toRemember(): Remembered | undefined {
    const known = this.now()
    return known && { ...known, wall: this.clocks.now() }
  }

  /** What an operation made now is marked with: the estimate, or where the clocks stand until there is one. */
  mark(): { skew: Skew } | { tick: Tick } {
    const known = this.now()
    return known ? { skew: skew(known) } : { tick: { page: this.page, gap: this.gap, at: this.clocks.clock() } }
  }

  /** The offset that held when an operation was made, told at last when it leaves; undefined when nobody can say. */
  settle({ tick }: Pick<OutRow, 'tick'>): Skew | undefined {
    const known = this.now()
    if (!known || !tick) return undefined
    const age = Math.abs(this.clocks.now() - (tick.gap + tick.at))
    if (tick.page === this.page) return skew(grown(before(known, Math.round(this.gap - tick.gap)), age))
    // Another page made it: the clock may have been set between what was known before and now.
    const { earlier } = this
    const late = grown(known, age)
    return skew(earlier ? either(grown(earlier, Math.abs(this.clocks.now() - earlier.wall)), late) : late)
  }

  /** A call that measures the clock by the time the server puts on its answers. */
  timed(call: Fetch): Fetch {
    return async (path, options) => {
      this.look()
      const { gap } = this
      const wall = this.clocks.now()
      const began = this.clocks.clock()
      const response = await call(path, options)
      const took = this.clocks.clock() - began
      this.look()
      const [received, served] = (response.headers.get('X-Mingcha-Time') ?? '').split(' ').map(Number)
      if (this.gap === gap && Number.isSafeInteger(received) && Number.isSafeInteger(served)) {
        this.take(measured(wall, wall + Math.ceil(took), received!, received! + served!))
      }
      return response
    }
  }

  private take(interval: Interval): void {
    this.samples = [...this.samples, [Math.round(this.clocks.clock()), interval] as const].slice(-KEPT)
    this.unsure = false
  }

  private look(): void {
    const gap = this.clocks.now() - this.clocks.clock()
    const by = Math.round(gap - this.gap)
    if (Math.abs(by) <= UNSTEADY_MS) return
    this.gap = gap
    this.samples = this.samples.map(([at, interval]) => [at, moved(interval, by)] as const)
    this.unsure ||= by > DOUBT_MS
  }
}

const clocks = new WeakMap<Store, DeviceClock>()

/** The clock under which this database's operations are made: this page's own. */
export function clockOf(db: Store, given: Clocks = { now: () => Date.now(), clock: () => performance.now() }): DeviceClock {
  const known = clocks.get(db)
  if (known) return known
  const made = new DeviceClock(given)
  clocks.set(db, made)
  return made
}
