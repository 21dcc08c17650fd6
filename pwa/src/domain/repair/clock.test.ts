import { describe, expect, test } from 'vitest'

import vectors from '@vectors/repair_clock.json'

import { type ClockInput, levelOf, nextMilestone, readClock, reading } from './clock'
import { type Job, promise } from './rules'

describe('the promise of a repair job', () => {
  test.each(vectors.cases.map((one) => [one.name, one] as const))('%s', (_name, { input, output }) => {
    expect(promise(input as Job)).toEqual(output)
  })
})

const job: ClockInput = {
  state: 'new',
  area: 'urban',
  grade: 'critical',
  reported_at: '2026-11-23T14:00:00Z',
  deadline_at: '2026-11-24T14:00:00Z',
  log: [],
}
const at = (time: string): number => Date.parse(`2026-11-23T${time}Z`)

describe('the clock on the screen', () => {
  test('is amber at 70 %, red at 90 % and over at the end', () => {
    expect([0.69, 0.7, 0.89, 0.9, 0.99, 1].map(levelOf)).toEqual(['calm', 'amber', 'amber', 'red', 'red', 'over'])
    expect(readClock(job, at('14:31:30')).level).toBe('amber')
    expect(readClock(job, at('14:45:00')).level).toBe('over')
  })
  test('goes on with the restoration as soon as this phone has noted the arrival, without the server', () => {
    const arrived: ClockInput = {
      ...job,
      state: 'arrived',
      clock: { basis: 'promise', arrive_by: '2026-11-23T14:45:00Z', restore_by: null, arrived_at: null },
      log: [{ type: 'arrive', at: '2026-11-23T14:20:00Z', pending: true }],
    }
    expect(readClock(arrived, at('14:20:00'))).toMatchObject({ phase: 'restore', by: '2026-11-23T17:20:00Z', used: 0 })
  })
  test('shows the server’s figures once it has them', () => {
    const arrived: ClockInput = {
      ...job,
      state: 'arrived',
      clock: { basis: 'promise', arrive_by: '2026-11-23T14:45:00Z', restore_by: '2026-11-23T17:21:00Z', arrived_at: '2026-11-23T14:21:00Z' },
      log: [{ type: 'arrive', at: '2026-11-23T14:20:00Z' }],
    }
    expect(readClock(arrived, at('14:30:00')).by).toBe('2026-11-23T17:21:00Z')
  })
  test('stops when power is back and says whether the promise was kept', () => {
    const log = [
      { type: 'arrive', at: '2026-11-23T14:20:00Z', pending: true },
      { type: 'restore', at: '2026-11-23T17:20:01Z', pending: true },
    ]
    expect(readClock({ ...job, state: 'restored', log }, at('18:00:00')).phase).toBe('missed')
  })
  test('planned work counts to its deadline', () => {
    expect(readClock({ ...job, grade: 'general' }, at('14:00:00'))).toMatchObject({ phase: 'deadline', left_ms: 86_400_000 })
  })
  test('nothing is promised for restoring in remote areas', () => {
    const log = [{ type: 'arrive', at: '2026-11-23T15:00:00Z', pending: true }]
    expect(readClock({ ...job, area: 'remote', state: 'arrived', log }, at('16:00:00')).phase).toBe('open')
  })
  test('is read in minutes, hours or days', () => {
    expect(reading(37 * 60_000 + 20_000)).toEqual({ text: '37:20', unit: 'min' })
    expect(reading(-(5 * 3_600_000 + 37 * 60_000))).toEqual({ text: '05:37', unit: 'h' })
    expect(reading(6.5 * 86_400_000)).toEqual({ text: '6', unit: 'd' })
  })
  test('a returned job asks for the restoration again', () => {
    expect(nextMilestone('returned')).toBe('restore')
    expect(nextMilestone('accepted')).toBeUndefined()
  })
})
