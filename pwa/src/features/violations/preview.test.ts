import { describe, expect, it } from 'vitest'

import rules from '@catalogue/points_rules.json'

import { preview } from './preview'

const thresholds = rules.thresholds.map(({ at, action_zh: zh, action_en: en }) => ({ at, zh, en }))

describe('points preview', () => {
  it('shows the balance after the entry and what it reaches', () => {
    const shown = preview(2, 6, rules.cap_points, thresholds)
    expect(shown).toMatchObject({ before: 2, after: 8, toCap: 4 })
    expect(shown.crossed.map((threshold) => threshold.at)).toEqual([3, 6])
    expect(shown.afterShare).toBeCloseTo(8 / 12)
  })

  it('names the cap when it is reached and never a negative distance', () => {
    const shown = preview(9, 12, rules.cap_points, thresholds)
    expect(shown).toMatchObject({ after: 21, toCap: 0, afterShare: 1 })
    expect(shown.crossed.map((threshold) => threshold.at)).toEqual([12])
  })

  it('reaches nothing when no points are added', () => {
    expect(preview(3, 0, 12, thresholds).crossed).toEqual([])
  })
})
