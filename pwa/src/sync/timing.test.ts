import { beforeEach, describe, expect, it } from 'vitest'

import type { Fetch } from '@/api/client'

import { DeviceClock } from './timing'

/** True time runs in `at`; the wall clock is `off` ahead of it; `asleep` the monotonic clock stood still. */
let at: number
let off: number
let asleep: number
const clocks = { now: () => Math.floor(at + off), clock: () => at - asleep - 1_000 }

/** A server that is right; each way takes so long, ms. */
const server = (up: number, down: number, served = 5): Fetch => async () => {
  at += up
  const received = Math.floor(at)
  at += served
  const answer = new Response(null, { status: 304, headers: { 'X-Mingcha-Time': `${received} ${Math.floor(at) - received}` } })
  at += down
  return answer
}

const ask = (clock: DeviceClock, up = 20, down = 20) => clock.timed(server(up, down))('/any')
const skewOf = (marked: ReturnType<DeviceClock['mark']>) => ('skew' in marked ? marked.skew : undefined)
const tickOf = (marked: ReturnType<DeviceClock['mark']>) => ('tick' in marked ? { tick: marked.tick } : {})

/** The true offset at a wall clock so far ahead lies within the skew. */
function holds(skew: { skew_ms: number; skew_error_ms: number } | undefined, ahead: number): void {
  expect(skew).toBeDefined()
  expect(Math.abs(-ahead - skew!.skew_ms)).toBeLessThanOrEqual(skew!.skew_error_ms)
}

describe("this device's clock", () => {
  beforeEach(() => {
    at = 1_764_000_000_000
    off = 720_000
    asleep = 0
  })

  it('marks operations with its offset and error once an answer told it, and settles those from before', async () => {
    const clock = new DeviceClock(clocks)
    const early = clock.mark()
    expect(skewOf(early)).toBeUndefined()
    expect(clock.settle(tickOf(early))).toBeUndefined()
    await ask(clock)
    holds(skewOf(clock.mark()), 720_000)
    expect(skewOf(clock.mark())!.skew_error_ms).toBeLessThan(30)
    holds(clock.settle(tickOf(early)), 720_000)
  })

  it('keeps the best of the last answers, however uneven the ways', async () => {
    const clock = new DeviceClock(clocks)
    for (const [up, down] of [[4_000, 10], [15, 15], [10, 9_000], [30_000, 0]] as const) {
      await ask(clock, up, down)
      holds(skewOf(clock.mark()), 720_000)
    }
    expect(skewOf(clock.mark())!.skew_error_ms).toBeLessThan(40)
  })

  it('follows a clock that is set back at once; what was made before keeps what held then', async () => {
    const clock = new DeviceClock(clocks)
    await ask(clock)
    const before = skewOf(clock.mark())
    off = 0
    holds(skewOf(clock.mark()), 0)
    holds(before, 720_000)
  })

  it('cannot tell a clock set forward from a nap, waits for an answer, and then settles both right', async () => {
    for (const slept of [true, false]) {
      off = 0
      asleep = 0
      const clock = new DeviceClock(clocks)
      await ask(clock)
      if (slept) {
        at += 3_600_000
        asleep += 3_600_000
      } else off = 3_600_000
      const doubtful = clock.mark()
      expect(skewOf(doubtful)).toBeUndefined()
      await ask(clock)
      holds(clock.settle(tickOf(doubtful)), off)
      expect(clock.settle(tickOf(doubtful))!.skew_error_ms).toBeLessThan(500)
    }
  })

  it('settles what was made before the first answer and before the clock was set back', async () => {
    const clock = new DeviceClock(clocks)
    const early = clock.mark()
    at += 60_000
    off = 0
    clock.now()
    await ask(clock)
    holds(clock.settle(tickOf(early)), 720_000)
    expect(clock.settle(tickOf(early))!.skew_error_ms).toBeLessThan(200)
  })

  it('covers both clocks for what an earlier page left behind', async () => {
    const first = new DeviceClock(clocks)
    await ask(first)
    const remembered = first.toRemember()
    const left = tickOf(new DeviceClock(clocks).mark())
    for (const now of [720_000, 0]) {
      off = now
      const later = new DeviceClock(clocks)
      later.remember(remembered)
      await ask(later)
      holds(later.settle(left), 720_000)
    }
  })

  it('takes nothing from an answer during which the clock was set, or which tells no time', async () => {
    const clock = new DeviceClock(clocks)
    await clock.timed(async (path) => {
      off = 0
      return server(20, 20)(path)
    })('/any')
    await clock.timed(async () => new Response(null, { status: 502 }))('/any')
    expect(clock.now()).toBeUndefined()
  })
})
