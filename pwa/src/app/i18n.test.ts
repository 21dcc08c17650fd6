import { describe, expect, it } from 'vitest'

import { i18n, t } from './i18n'
import { words } from './locales/english'

describe('words', () => {
  it('agree with their number in English', () => {
    i18n.global.setLocaleMessage('en', words as never)
    i18n.global.locale.value = 'en' as 'zh-CN'
    expect([0, 1, 2].map((n) => t('record.points', { n }))).toEqual(['0 points', '1 point', '2 points'])
    expect(t('points.to_cap', { n: 1, cap: 12 })).toBe('1 point to the cap of 12')
    expect(t('sync-page.ops', { n: 1 })).toBe('1 change to send')
  })

  it('have one form in Chinese', () => {
    i18n.global.locale.value = 'zh-CN'
    expect([1, 2].map((n) => t('record.points', { n }))).toEqual(['1 分', '2 分'])
  })
})
