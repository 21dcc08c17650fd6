import { describe, expect, it } from 'vitest'

import { belongs, byDeadline, type Due, repairDeadline, type View } from './board'

const NOW = Date.parse('2026-11-23T10:00:00Z')
const DAY_END = Date.parse('2026-11-23T16:00:00Z')
const due = (id: string, deadline: string | null, closed = false): Due => ({ id, deadline: deadline === null ? null : Date.parse(deadline), closed })

describe('board', () => {
  const late = due('late', '2026-11-23T09:59:00Z')
  const today = due('today', '2026-11-23T15:00:00Z')
  const later = due('later', '2026-11-25T15:00:00Z')
  const endless = due('endless', null)
  const done = due('done', '2026-11-20T00:00:00Z', true)

  it('puts what runs out first on top and what is closed last', () => {
    expect([done, endless, later, today, late].sort(byDeadline).map((one) => one.id)).toEqual(['late', 'today', 'later', 'endless', 'done'])
  })

  it('sorts records into views', () => {
    const all = [late, today, later, endless, done]
    const ids = (view: View) => all.filter((one) => belongs(one, view, NOW, DAY_END)).map((one) => one.id)
    expect(ids('overdue')).toEqual(['late'])
    expect(ids('today')).toEqual(['today'])
    expect(ids('open')).toEqual(['late', 'today', 'later', 'endless'])
    expect(ids('closed')).toEqual(['done'])
    expect(ids('all')).toHaveLength(5)
  })

  it('runs the clock of the next milestone', () => {
    const clock = { arrive_by: 'A', restore_by: 'R' }
    expect(repairDeadline('received', clock)).toBe('A')
    expect(repairDeadline('located', clock)).toBe('R')
    expect(repairDeadline('restored', clock)).toBeNull()
    expect(repairDeadline('new', undefined)).toBeNull()
  })
})
