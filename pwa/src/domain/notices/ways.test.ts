import { describe, expect, it } from 'vitest'

import { has } from '@/app/i18n'

import './late/words'
import { failure, here, hoursOf, outside, quietOf, type Ways } from './ways'

const ways = (more: Partial<Ways> = {}, webhook: string | null | 'unset' = null): Ways => ({
  choice: { language: 'zh-CN', quiet: null, address: 'wang' },
  company_quiet: '22:00-07:00',
  urgent: true,
  webhook_style: 'wecom',
  push_key: 'k',
  devices: [],
  ways: [...(webhook === 'unset' ? [] : [{ way: 'webhook', failing_since: webhook, reaches: true }]), { way: 'push', failing_since: null, reaches: false }],
  ...more,
})
const SINCE = '2026-11-26T08:00:00Z'

describe('what a person is told of the ways', () => {
  it('says where notices are when push is blocked', () => {
    expect(here(ways(), 'blocked')).toEqual({ key: 'notices.push.blocked', instead: 'notices.push.else_outside' })
    expect(here(ways({}, SINCE), 'blocked').instead).toBe('notices.push.else_list')
    expect(here(ways({}, 'unset'), 'none').instead).toBe('notices.push.else_list')
  })
  it('says that a way fails, and since when', () => {
    expect(outside(ways({}, SINCE))).toEqual({ key: 'notices.outside.failing', since: SINCE })
    const failing = ways({ ways: [{ way: 'push', failing_since: SINCE, reaches: true }] })
    expect(here(failing, 'on')).toEqual({ key: 'notices.push.failing', since: SINCE, instead: 'notices.push.else_list' })
    expect(here(failing, 'off').key).toBe('notices.push.off')
  })
  it('asks for the account without which nobody is called', () => {
    expect(outside(ways()).key).toBe('notices.outside.fine')
    expect(outside(ways({ choice: { language: 'zh-CN', quiet: null, address: '' } })).key).toBe('notices.outside.nobody')
    expect(outside(ways({}, 'unset')).key).toBe('notices.outside.unset')
  })
  it('has words for each', () => {
    for (const state of ['on', 'off', 'unset', 'none', 'denied', 'blocked'] as const) expect(has(here(ways(), state).key)).toBe(true)
    for (const code of ['timeout', 'unreachable', 'refused', 'http_500', 'said_45009', 'said_-1']) expect(has(failure(code).key)).toBe(true)
    expect(failure('http_500')).toEqual({ key: 'notices.error.http', n: '500' })
  })
})

describe('quiet hours', () => {
  it('are the company’s, none, or one’s own', () => {
    for (const quiet of [null, '', '21:30-06:15']) {
      const { hours, from, till } = hoursOf(quiet)
      expect(quietOf(hours, from, till)).toBe(quiet)
    }
  })
  it.each([['22:00', '22:00'], ['24:00', '07:00'], ['9:00', '10:00'], ['', '07:00']])('are not %s to %s', (from, till) => {
    expect(quietOf('own', from, till)).toBeUndefined()
  })
})
