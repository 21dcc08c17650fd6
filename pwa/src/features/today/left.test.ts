import { describe, expect, test } from 'vitest'

import { left } from './left'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const due = '2026-11-24T00:00:00+08:00'
const before = (ms: number) => left(due, Date.parse(due) - ms)

describe('what is left until a deadline', () => {
  test('minutes within the hour, hours within two days, then days', () => {
    expect(before(37 * MINUTE)).toEqual({ key: 'minutes', n: 37 })
    expect(before(HOUR - 1)).toEqual({ key: 'minutes', n: 59 })
    expect(before(HOUR)).toEqual({ key: 'hours', n: 1 })
    expect(before(2 * DAY - 1)).toEqual({ key: 'hours', n: 47 })
    expect(before(2 * DAY)).toEqual({ key: 'days', n: 2 })
  })
  test('at the very moment nothing is left, and a moment later it is overdue', () => {
    expect(before(0)).toEqual({ key: 'minutes', n: 0 })
    expect(before(-1)).toEqual({ key: 'over_hours', n: 1 })
    expect(before(-DAY + 1)).toEqual({ key: 'over_hours', n: 24 })
    expect(before(-DAY)).toEqual({ key: 'over_days', n: 1 })
    expect(before(-3.5 * DAY)).toEqual({ key: 'over_days', n: 3 })
  })
})
