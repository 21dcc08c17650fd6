import { describe, expect, it } from 'vitest'

import { addWords, has, speak, t } from './i18n'

describe('words', () => {
  it('agree with their number in English', async () => {
    await speak('en')
    expect([0, 1, 2].map((n) => t('record.points', { n }))).toEqual(['0 points', '1 point', '2 points'])
    expect(t('points.to_cap', { n: 1, cap: 12 })).toBe('1 point to the cap of 12')
    expect(t('sync-page.ops', { n: 1 })).toBe('1 change to send')
  })

  it('have one form in Chinese', async () => {
    await speak('zh-CN')
    expect([1, 2].map((n) => t('record.points', { n }))).toEqual(['1 分', '2 分'])
  })

  it('come late with a page of the desk, beside those that are there', async () => {
    addWords('record', { late: { one: '迟' } }, { late: { one: 'late {n}' } })
    expect(t('record.late.one')).toBe('迟')
    await speak('en')
    addWords('record', { late: { two: '更迟' } }, { late: { two: 'later' } })
    expect([t('record.late.one', { n: 3 }), t('record.late.two')]).toEqual(['late 3', 'later'])
    expect(t('record.points', { n: 1 })).toBe('1 point')
    await speak('zh-CN')
    expect([t('record.late.one'), t('record.late.two')]).toEqual(['迟', '更迟'])
  })

  it('stand in for each other: Chinese for English that is missing, the key for what nobody has', async () => {
    await speak('en')
    addWords('record', { only: '仅中文' }, {})
    expect(t('record.only')).toBe('仅中文')
    addWords('record', { only: '仅中文' }, { only: 'no longer' })
    expect(t('record.only')).toBe('no longer')
    addWords('record', { only: '仅中文' }, {})
    expect(t('record.nowhere')).toBe('record.nowhere')
    addWords('record', { nowhere: '有了' }, { nowhere: 'here' })
    expect(t('record.nowhere')).toBe('here')
    expect([has('record.only'), has('record.late'), has('record.elsewhere')]).toEqual([true, false, false])
    await speak('zh-CN')
  })

  it('leave a gap empty that nothing fills', () => expect(t('record.points')).toBe(' 分'))
})
