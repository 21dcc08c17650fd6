import { describe, expect, it } from 'vitest'

import { bytes, dayStart, exact, lasting, shortHash, stamp } from './format'

describe('desk formats', () => {
  const now = new Date(2026, 10, 23, 18, 0, 0)

  it('write the clock today, the date before, the year when it is another', () => {
    expect(stamp(new Date(2026, 10, 23, 14, 5).toISOString(), now)).toBe('14:05')
    expect(stamp(new Date(2026, 10, 22, 23, 59).toISOString(), now)).toBe('11-22 23:59')
    expect(stamp(new Date(2025, 0, 2, 3, 4).toISOString(), now)).toBe('2025-01-02 03:04')
    expect(stamp('', now)).toBe('')
    expect(exact(new Date(2026, 10, 23, 14, 5, 6).toISOString())).toBe('2026-11-23 14:05:06')
  })

  it('say a duration in the units that matter', () => {
    const minute = 60_000
    expect(lasting(-5)).toEqual({ key: 'minutes', values: { n: 0 } })
    expect(lasting(59 * minute)).toEqual({ key: 'minutes', values: { n: 59 } })
    expect(lasting(60 * minute)).toEqual({ key: 'hours', values: { n: 1 } })
    expect(lasting(95 * minute)).toEqual({ key: 'hours_minutes', values: { h: 1, m: 35 } })
    expect(lasting(26 * 60 * minute + minute)).toEqual({ key: 'hours', values: { n: 26 } })
    expect(lasting(49 * 60 * minute)).toEqual({ key: 'days', values: { n: 2 } })
  })

  it('know the day’s start and a file’s size', () => {
    expect(dayStart(now)).toBe(new Date(2026, 10, 23).getTime())
    expect([bytes(318_200), bytes(4_230_000), bytes(10), bytes(10_695_500_000)]).toEqual(['318 KB', '4.2 MB', '1 KB', '10.7 GB'])
  })

  it('shortens a hash so that it can be compared by eye', () => {
    expect(shortHash('0123456789abcdef'.repeat(4))).toBe('01234567…89abcdef')
    expect(shortHash('abc')).toBe('abc')
  })
})
