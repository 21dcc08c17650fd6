import { describe, expect, it } from 'vitest'

import { companyDay, inForce, offered } from './editions'

const edition = (version: string, from: string, more: object = {}) => ({
  data: { part: 'form.pole', version, effective_from: from, published_at: '', content: { title: { zh: '巡视' }, roles: ['manager'], questions: [], ...more } },
}) as never

describe('editions', () => {
  it('hold from their day, of one day the later, whatever the order', () => {
    const all = [edition('2026.12.9', '2026-12-01'), edition('2026.12.10', '2026-12-01'), edition('2027.01.4', '2027-01-05')]
    const version = (day: string) => (inForce(all, 'form.pole', day) as { data: { version: string } } | undefined)?.data.version
    expect(version('2026-11-30')).toBeUndefined()
    expect(version('2026-12-01')).toBe('2026.12.10')
    expect(version('2027-01-05')).toBe('2027.01.4')
  })
  it('are offered to their roles and not once withdrawn', () => {
    const first = edition('2026.12.2', '2026-12-01')
    expect(offered([first], ['manager'], '2026-12-02').map(({ form }) => form)).toEqual(['pole'])
    expect(offered([first], ['crew'], '2026-12-02')).toEqual([])
    expect(offered([first, edition('2026.12.4', '2026-12-02', { withdrawn: true })], ['manager'], '2026-12-02')).toEqual([])
  })
  it('count days by the company’s calendar', () => {
    expect(companyDay(new Date('2026-11-30T16:30:00Z'))).toBe('2026-12-01')
  })
})
