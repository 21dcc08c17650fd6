import { describe, expect, it, test } from 'vitest'

import vectors from '@vectors/clock.json'

import { agreed, before, either, estimate, grown, type Interval, measured, moved, type Sample, type Skew, skew } from './clock'

const interval = ([low, high]: readonly number[]): Interval => ({ low: low!, high: high! })
const pair = (answer: Interval | Skew) => ('low' in answer ? [answer.low, answer.high] : [answer.skew_ms, answer.skew_error_ms])

type Input = never[]
const CALLS: Record<string, (...input: Input) => Interval | Skew> = {
  measured,
  grown: (one: number[], age: number) => grown(interval(one), age),
  agreed: (all: number[][]) => agreed(all.map(interval)),
  estimate: (samples: [number, number[]][], now: number) => estimate(samples.map(([at, one]): Sample => [at, interval(one)]), now),
  moved: (one: number[], by: number) => moved(interval(one), by),
  either: (a: number[], b: number[]) => either(interval(a), interval(b)),
  skew: (one: number[]) => skew(interval(one)),
}

describe('a clock and its error', () => {
  test.each(vectors.cases.map((one) => [one.name, one] as const))('%s', (_name, { call, input, output }) => {
    expect(pair(CALLS[call]!(...(input as Input)))).toEqual(output)
  })

  it('knows what held before the clock was set back, and doubts what held before it gained', () => {
    expect(before({ low: -20, high: 20 }, -3_600_000)).toEqual({ low: -3_600_020, high: -3_599_980 })
    expect(before({ low: -20, high: 20 }, 60_000)).toEqual({ low: -20, high: 60_020 })
  })
})
