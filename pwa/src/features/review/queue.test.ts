import { describe, expect, it } from 'vitest'

import type { Entry, Grade } from '@/api/kinds'

import { type ReviewedKind, waits } from '@/domain/reviewed'

import type { Reviewable } from './queue'
import {
  afterDecision,
  byUrgency,
  decidedSince,
  gradeOfSeverity,
  matches,
  neighbour,
  sharing,
  steadyOrder,
  waitingSince,
} from './queue'

function entry(type: string, at: string, more: Partial<Entry> = {}): Entry {
  return { id: `${type}-${at}`, type, at, by: 'p1', by_name: '刘敏', data: {}, ...more }
}

function record(id: string, grade: Grade | null, at: string, kind: ReviewedKind = 'infrared'): Reviewable {
  return { id, kind, state: 'submitted', unit: 'u1', grade, log: [entry('submit', at)], at }
}

describe('review queue', () => {
  it('holds submitted records and restored repairs, nothing else', () => {
    expect(waits('infrared', 'submitted')).toBe(true)
    expect(waits('finding', 'draft')).toBe(false)
    expect(waits('hazard', 'accepted')).toBe(false)
    expect(waits('repair', 'restored')).toBe(true)
    expect(waits('repair', 'submitted')).toBe(false)
  })

  it('puts the worst grade first and then what has waited longest', () => {
    const records = [
      record('late', 'serious', '2026-11-23T10:00:00Z'),
      record('none', null, '2026-11-20T10:00:00Z'),
      record('worst', 'critical', '2026-11-23T12:00:00Z'),
      record('early', 'serious', '2026-11-22T10:00:00Z'),
    ]
    expect(byUrgency(records)).toEqual(['worst', 'early', 'late', 'none'])
  })

  it('counts the wait from the last submit, by the server’s time', () => {
    const log = [
      entry('submit', '2026-11-20T08:00:00Z', { received_at: '2026-11-20T08:10:00Z' }),
      entry('return', '2026-11-20T09:00:00Z'),
      entry('submit', '2026-11-21T08:00:00Z', { received_at: '2026-11-21T09:30:00Z' }),
    ]
    expect(waitingSince({ kind: 'infrared', log, at: '2026-11-19T00:00:00Z' })).toBe('2026-11-21T09:30:00Z')
    expect(waitingSince({ kind: 'repair', log, at: '2026-11-19T00:00:00Z' })).toBe('2026-11-19T00:00:00Z')
  })

  it('moves nothing on the screen when a record arrives', () => {
    const shown = ['b', 'a']
    const waiting = [record('x', 'general', '2026-11-23T10:00:00Z'), record('y', 'critical', '2026-11-23T11:00:00Z')]
    expect(steadyOrder(shown, waiting)).toEqual(['b', 'a', 'y', 'x'])
  })

  it('goes to the next open record, and back when the end is reached', () => {
    const order = ['a', 'b', 'c', 'd']
    const open = (id: string) => id !== 'b'
    expect(neighbour(order, 'a', 1, open)).toBe('c')
    expect(neighbour(order, 'c', -1, open)).toBe('a')
    expect(neighbour(order, undefined, 1, open)).toBe('a')
    expect(neighbour(order, undefined, -1, open)).toBe('d')
    expect(neighbour(order, 'd', 1, open)).toBeUndefined()
    expect(afterDecision(order, 'd', open)).toBe('c')
    expect(afterDecision(['a'], 'a', () => false)).toBeUndefined()
  })

  it('filters by kind, station and the lowest grade', () => {
    const serious = record('s', 'serious', '2026-11-23T10:00:00Z')
    expect(matches(serious, { kind: '', unit: '', grade: '' })).toBe(true)
    expect(matches(serious, { kind: 'hazard', unit: '', grade: '' })).toBe(false)
    expect(matches(serious, { kind: '', unit: 'u2', grade: '' })).toBe(false)
    expect(matches(serious, { kind: '', unit: 'u1', grade: 'general' })).toBe(true)
    expect(matches(serious, { kind: '', unit: '', grade: 'critical' })).toBe(false)
    expect(matches(record('n', null, '2026-11-23T10:00:00Z'), { kind: '', unit: '', grade: 'normal' })).toBe(false)
  })

  it('counts today’s decisions of this person only', () => {
    const log = [
      entry('submit', '2026-11-23T09:00:00Z'),
      entry('return', '2026-11-22T09:00:00Z'),
      entry('accept', '2026-11-23T09:30:00Z'),
      entry('accept', '2026-11-23T09:40:00Z', { by: 'p2' }),
    ]
    expect(decidedSince(log, 'p1', Date.parse('2026-11-23T00:00:00Z'))).toEqual([Date.parse('2026-11-23T09:30:00Z')])
  })

  it('finds a photo that was used twice', () => {
    const others = [
      { id: 'a', photos: [{ sha256: '1' }, { sha256: '2' }] },
      { id: 'b', photos: [{ sha256: '1' }, { sha256: '2' }] },
      { id: 'c', photos: [{ sha256: '3' }] },
    ]
    expect(sharing('a', [{ sha256: '1' }, { sha256: '2' }], others)).toBe(1)
    expect(sharing('x', [{ sha256: '4' }], others)).toBe(0)
  })

  it('orders checklist severities with grades', () => {
    expect([1, 2, 3, 4].map(gradeOfSeverity)).toEqual(['general', 'general', 'serious', 'critical'])
    expect(gradeOfSeverity(undefined)).toBeNull()
  })
})
