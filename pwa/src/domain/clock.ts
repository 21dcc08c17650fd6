/** A device's clock against the server's, as people are told of it. Pure. */
import type { Entry } from '@/api/kinds'

export interface Skewed {
  at: string
  skew_ms?: number | null | undefined
  skew_error_ms?: number | null | undefined
}

/** The server's estimate of when it happened, ISO. */
export function correctedAt({ at, skew_ms: skew }: Skewed): string {
  return skew ? new Date(Date.parse(at) + skew).toISOString() : at
}

/** `± 6 s`, `± 3 min`; empty when the error is not known or less than half a second. */
export function errorText(errorMs: number | null | undefined): string {
  if (errorMs === null || errorMs === undefined || errorMs < 500) return ''
  return errorMs < 90_000 ? `± ${Math.ceil(errorMs / 1000)} s` : `± ${Math.ceil(errorMs / 60_000)} min`
}

/**
 * What the device's clock is ahead of the server's (negative: behind), ms, when that is beyond the limit for certain,
 * to the minute; 0 when it is near enough, or nobody knows.
 */
export function offBy(skew: { skew_ms?: number | null | undefined; skew_error_ms?: number | null | undefined } | null | undefined, limitMs: number): number {
  if (!skew?.skew_ms || Math.abs(skew.skew_ms) - (skew.skew_error_ms ?? 0) <= limitMs) return 0
  const by = -skew.skew_ms
  return Math.abs(by) < 60_000 ? by : Math.round(by / 60_000) * 60_000
}

/** From the device's writing to the server's receipt, ms, without the device's error. */
export function lagOf(entry: Entry): number {
  return entry.received_at ? Date.parse(entry.received_at) - Date.parse(correctedAt(entry)) : 0
}
