import { expect, test } from 'vitest'

import { correctedAt, errorText, lagOf, offBy } from './clock'

const MINUTE = 60_000

test('a device ahead of the server is corrected back, and its lag is the way of the record, not the error of the clock', () => {
  const entry = { id: 'e', type: 'submit', by: 'p', by_name: '', data: {}, at: '2026-11-24T08:12:00Z', skew_ms: -12 * MINUTE, skew_error_ms: 6_000, received_at: '2026-11-24T08:03:00Z' }
  expect(correctedAt(entry)).toBe('2026-11-24T08:00:00.000Z')
  expect(lagOf(entry)).toBe(3 * MINUTE)
  expect(errorText(entry.skew_error_ms)).toBe('± 6 s')
})

test('people are told only when the clock is off beyond the limit for certain', () => {
  expect(offBy({ skew_ms: -12 * MINUTE, skew_error_ms: 40 }, 5 * MINUTE)).toBe(12 * MINUTE)
  expect(offBy({ skew_ms: -12 * MINUTE + 300, skew_error_ms: 40 }, 5 * MINUTE)).toBe(12 * MINUTE)
  expect(offBy({ skew_ms: 12 * MINUTE, skew_error_ms: null }, 5 * MINUTE)).toBe(-12 * MINUTE)
  expect(offBy({ skew_ms: -6 * MINUTE, skew_error_ms: 2 * MINUTE }, 5 * MINUTE)).toBe(0)
  expect(offBy({ skew_ms: 4_000, skew_error_ms: 10 }, 5 * MINUTE)).toBe(0)
  expect(offBy(null, 5 * MINUTE)).toBe(0)
  expect([0, 499, 500, 89_000, 240_000].map((ms) => errorText(ms))).toEqual(['', '', '± 1 s', '± 89 s', '± 4 min'])
})
