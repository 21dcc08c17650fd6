/**
 * What this device's clock is worth: an interval that holds the true offset (what the server's clock is ahead), ms.
 * Pure; answers the same vectors as `sync/clock.py`, where the sources stand.
 */

const SAMPLES = 8
const DRIFT_PPM = 100

/** The offset lies between `low` and `high`, ms. */
export interface Interval {
  low: number
  high: number
}

/** `skew_ms` ± `skew_error_ms`, as operations carry it. */
export interface Skew {
  skew_ms: number
  skew_error_ms: number
}

/** A sample and when it was taken, ms of the monotonic clock. */
export type Sample = readonly [at: number, interval: Interval]

/** One request: sent and answered at `t0`, `t3` of the device, received and answered at `t1`, `t2` of the server. */
export function measured(t0: number, t3: number, t1: number, t2: number): Interval {
  return grown({ low: t2 - t3 - 1, high: t1 - t0 + 1 }, t3 - t0)
}

/** What is still known of an offset `age` ms after it was measured. */
export function grown({ low, high }: Interval, age: number): Interval {
  const drift = Math.ceil((Math.max(age, 0) * DRIFT_PPM) / 1_000_000)
  return { low: low - drift, high: high + drift }
}

/** The part that lies in most of the intervals; of equals the one in the latest given, or the first. */
export function agreed(intervals: readonly Interval[]): Interval {
  const edges = intervals.flatMap(({ low, high }) => [[low, 0] as const, [high, 1] as const]).sort((a, b) => a[0] - b[0] || a[1] - b[1])
  let depth = 0
  let most = 0
  let found: Interval[] = []
  edges.forEach(([at, kind], k) => {
    depth += kind === 0 ? 1 : -1
    if (kind === 1 || depth < most) return
    if (depth > most) found = []
    most = depth
    found.push({ low: at, high: edges[k + 1]![0] })
  })
  const last = intervals.at(-1)!
  return found.find((one) => last.low <= one.low && one.high <= last.high) ?? found[0]!
}

/** The offset at `now`, ms of the monotonic clock. */
export function estimate(samples: readonly Sample[], now: number): Interval {
  return agreed(samples.slice(-SAMPLES).map(([at, interval]) => grown(interval, now - at)))
}

/** The offset after the wall clock gained `by` ms on the monotonic one: set, or the device slept. */
export function moved({ low, high }: Interval, by: number): Interval {
  return { low: low - by, high: high - Math.min(by, 0) }
}

/** The offset before the wall clock gained `by` ms on the monotonic one. */
export function before({ low, high }: Interval, by: number): Interval {
  return { low: low + Math.min(by, 0), high: high + by }
}

/** The least interval around two of which one is true. */
export function either(a: Interval, b: Interval): Interval {
  return { low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) }
}

/** The middle and half the width, rounded so that the interval lies inside. */
export function skew({ low, high }: Interval): Skew {
  const middle = Math.floor((low + high) / 2)
  return { skew_ms: middle, skew_error_ms: high - middle }
}
