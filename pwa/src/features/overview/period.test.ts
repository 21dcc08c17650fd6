import { describe, expect, it } from 'vitest'

import { asked, dayOf, daysBefore, daysOf, isDay, quarterStart } from './period'

describe('the time of a board', () => {
  it('is counted in the days of the company, not of the machine', () => {
    expect(dayOf(Date.parse('2026-11-25T15:59:59Z'))).toBe('2026-11-25')
    expect(dayOf(Date.parse('2026-11-25T16:00:00Z'))).toBe('2026-11-26')
  })
  it('begins with its month, quarter or year and ends today', () => {
    expect(daysOf('month', '2026-11-26')).toEqual({ since: '2026-11-01', until: '2026-11-26' })
    expect(daysOf('quarter', '2026-11-26')).toEqual({ since: '2026-10-01', until: '2026-11-26' })
    expect(daysOf('year', '2026-11-26')).toEqual({ since: '2026-01-01', until: '2026-11-26' })
    expect(daysOf('last_month', '2026-03-05')).toEqual({ since: '2026-02-01', until: '2026-02-28' })
    expect(daysOf('last_month', '2026-01-31')).toEqual({ since: '2025-12-01', until: '2025-12-31' })
    expect(['01', '03', '04', '09', '12'].map((month) => quarterStart(`2026-${month}-30`))).toEqual(['2026-01-01', '2026-01-01', '2026-04-01', '2026-07-01', '2026-10-01'])
    expect(daysBefore('2026-03-01', 1)).toBe('2026-02-28')
  })
  it('is what the address says where that can be meant', () => {
    const today = '2026-11-26'
    expect(asked({ period: 'year' }, today).period).toBe('year')
    expect(asked({ since: '2026-02-01', until: '2026-02-03' }, today)).toEqual({ period: 'days', since: '2026-02-01', until: '2026-02-03' })
    for (const wrong of [{}, { period: 'x' }, { period: 'days' }, { since: '2026-02-03', until: '2026-02-01' }, { since: '2026-02-31', until: '2026-03-01' }, { since: ['a'], until: 'b' }])
      expect(asked(wrong, today)).toEqual({ period: 'month', since: '2026-11-01', until: today })
    expect(isDay('2026-02-29')).toBe(false)
  })
})
