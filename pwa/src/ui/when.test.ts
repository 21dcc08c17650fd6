import { afterEach, describe, expect, test } from 'vitest'

import { speak } from '@/app/i18n'

import { ago, clockTime, exact, fromLocalInput, toLocalInput } from './when'

const at = (local: string) => new Date(local).toISOString()
afterEach(() => speak('zh-CN'))

describe('times as the app writes them', () => {
  test('a date is written in the language of the app, not of the browser', async () => {
    expect(exact(at('2026-11-23T14:32'))).toBe('2026年11月23日 14:32')
    await speak('en')
    expect(exact(at('2026-11-23T14:32'))).toMatch(/^23 November 2026.* 14:32$/)
  })
  test('the first minute of a day is 00:00, in both languages', async () => {
    expect(clockTime(at('2026-11-23T00:00'))).toBe('00:00')
    await speak('en')
    expect(clockTime(at('2026-11-23T00:00'))).toBe('00:00')
  })
  test('what is no time is written as nothing', () => expect(exact('soon')).toBe(''))
  test('yesterday begins at midnight, however few hours ago that was', () => {
    const now = Date.parse(at('2026-11-24T01:00'))
    expect(ago(at('2026-11-23T23:30'), now)).toBe('昨天 23:30')
    expect(ago(at('2026-11-24T00:00'), now)).toBe('今天 00:00')
    expect(ago(at('2026-11-22T23:59'), now)).toBe('11月22日')
  })
})

describe('the moment in a form', () => {
  test('what the picker shows is what it gives back, to the minute, across midnight', () => {
    for (const local of ['2026-11-23T23:59', '2026-11-24T00:00', '2026-12-31T23:59', '2028-02-29T08:05']) {
      expect(toLocalInput(fromLocalInput(local)!)).toBe(local)
    }
  })
  test('an emptied or half typed moment is none', () => {
    expect(fromLocalInput('')).toBeUndefined()
    expect(fromLocalInput('2026-13-01T00:00')).toBeUndefined()
    expect(toLocalInput('soon')).toBe('')
  })
  test('midnight in the zone of the company is the day that begins', () => {
    expect(toLocalInput('2026-11-23T16:00:00Z')).toBe('2026-11-24T00:00')
    expect(fromLocalInput('2026-07-01T00:00')).toBe('2026-06-30T16:00:00.000Z')
  })
})
