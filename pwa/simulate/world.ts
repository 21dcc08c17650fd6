/** The simulated world: one clock, one source of chance, events in order of their hour. */
import { writeSync } from 'node:fs'

/** Seeded (sfc32): the same seed gives the same world. */
export class Dice {
  private a: number
  private b: number
  private c: number
  private d: number

  constructor(seed: number) {
    this.a = 0x9e3779b9
    this.b = 0x243f6a88
    this.c = 0xb7e15162
    this.d = seed >>> 0
    for (let i = 0; i < 15; i++) this.next()
  }

  /** From 0, below 1. */
  next(): number {
    const t = (((this.a + this.b) >>> 0) + this.d) >>> 0
    this.d = (this.d + 1) >>> 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) >>> 0
    this.c = ((this.c << 21) | (this.c >>> 11)) >>> 0
    this.c = (this.c + t) >>> 0
    return t / 4294967296
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  chance(share: number): boolean {
    return this.next() < share
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.next() * from.length)]!
  }

  /** One of the names, as often as its weight says. */
  weighed<T extends string>(weights: Record<T, number>): T {
    const names = Object.keys(weights) as T[]
    let left = this.next() * names.reduce((sum, name) => sum + weights[name], 0)
    for (const name of names) if ((left -= weights[name]) < 0) return name
    return names.at(-1)!
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    const made = new Uint8Array(length)
    for (let i = 0; i < length; i++) made[i] = Math.floor(this.next() * 256)
    return made
  }
}

interface Happening {
  at: number
  order: number
  /** Requests that are on their way to a server: several of them may be let arrive at once. */
  arrival: boolean
  run: () => Promise<void> | void
}

const RealDate = Date

export class World {
  now: number
  private readonly heap: Happening[] = []
  private count = 0
  private readonly afloat = new Set<Promise<void>>()
  private readonly cell = Buffer.alloc(8)

  /** `file`: where the servers read the hour from. */
  constructor(
    start: number,
    readonly dice: Dice,
    private readonly file: number,
  ) {
    this.now = start
    this.tick(0)
  }

  tick(ms: number): void {
    this.now += ms
    this.cell.writeDoubleLE(this.now)
    writeSync(this.file, this.cell, 0, 8, 0)
  }

  /** Lets `run` happen `ms` from now. */
  later(ms: number, run: () => Promise<void> | void, arrival = false): Happening {
    const happening = { at: this.now + Math.max(1, Math.round(ms)), order: this.count++, arrival, run }
    this.push(happening)
    return happening
  }

  drop(happening: Happening): void {
    happening.run = () => {}
    happening.arrival = false
  }

  /** The next happening; with `burst`, that many arrivals in a row happen at the same time. False when there is none. */
  async step(burst: number): Promise<boolean> {
    const first = this.pop()
    if (!first) return false
    if (first.at > this.now) this.tick(first.at - this.now)
    const together = [first.run()]
    while (first.arrival && together.length < burst && this.heap[0]?.arrival) together.push(this.pop()!.run())
    await Promise.all(together)
    return true
  }

  /** The next happening, while up to `most` arrivals are still under way: the world does not wait for an answer. */
  async drift(most: number): Promise<boolean> {
    const first = this.pop()
    if (!first) return this.landed(0)
    if (first.at > this.now) this.tick(first.at - this.now)
    const run = Promise.resolve(first.run())
    if (!first.arrival) await run
    else {
      this.afloat.add(run)
      void run.finally(() => this.afloat.delete(run)).catch(() => {})
      await this.landed(most - 1)
    }
    return true
  }

  /** Waits until at most `most` arrivals are under way; false when none was. */
  async landed(most: number): Promise<boolean> {
    const some = this.afloat.size > 0
    while (this.afloat.size > most) await Promise.race(this.afloat)
    return some
  }

  private push(happening: Happening): void {
    const { heap } = this
    heap.push(happening)
    for (let i = heap.length - 1; i > 0; ) {
      const up = (i - 1) >> 1
      if (!before(heap[i]!, heap[up]!)) break
      ;[heap[i], heap[up]] = [heap[up]!, heap[i]!]
      i = up
    }
  }

  private pop(): Happening | undefined {
    const { heap } = this
    const top = heap[0]
    const last = heap.pop()
    if (!top || !last || heap.length === 0) return top
    heap[0] = last
    for (let i = 0; ; ) {
      let least = i
      for (const child of [2 * i + 1, 2 * i + 2]) if (heap[child] && before(heap[child], heap[least]!)) least = child
      if (least === i) return top
      ;[heap[i], heap[least]] = [heap[least]!, heap[i]!]
      i = least
    }
  }
}

function before(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** From here on `Date`, `Math.random` and `crypto` of this process are the world's. */
export function inhabit(world: () => World): void {
  class SimulatedDate extends RealDate {
    constructor(...given: unknown[]) {
      super(...((given.length === 0 ? [world().now] : given) as [number]))
    }

    static override now(): number {
      return world().now
    }
  }
  const real = globalThis.crypto
  const getRandomValues = <T extends ArrayBufferView>(into: T): T => {
    new Uint8Array(into.buffer, into.byteOffset, into.byteLength).set(world().dice.bytes(into.byteLength))
    return into
  }
  const randomUUID = () => {
    const bytes = world().dice.bytes(16)
    bytes[6] = 0x40 | (bytes[6]! & 0x0f)
    bytes[8] = 0x80 | (bytes[8]! & 0x3f)
    const hex = Buffer.from(bytes).toString('hex')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  }
  globalThis.Date = SimulatedDate as DateConstructor
  Math.random = () => world().dice.next()
  Object.defineProperty(globalThis, 'crypto', { value: { subtle: real.subtle, getRandomValues, randomUUID } })
}
