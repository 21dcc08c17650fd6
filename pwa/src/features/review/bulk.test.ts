import { describe, expect, it } from 'vitest'

import { type Candidate, draw, groupOf, progress, sampleSize } from './bulk'

const one = (id: string, more: Partial<Candidate> = {}): Candidate => ({ id, kind: 'infrared', grade: 'normal', plain: true, ...more })

describe('many at once', () => {
  it('are of one kind and grade, never grave, never findings, and ask for no eye', () => {
    const waiting = [one('a'), one('b'), one('c', { grade: 'general' }), one('d', { kind: 'hazard' }), one('e', { plain: false })]
    expect(groupOf(waiting[0], waiting).map(({ id }) => id)).toEqual(['a', 'b'])
    expect(groupOf(waiting[2], waiting)).toEqual([])
    for (const more of [{ grade: 'serious' }, { grade: 'critical' }, { kind: 'finding', grade: null }] as const) expect(groupOf(one('x', more), [one('x', more), one('y', more)])).toEqual([])
    expect(groupOf(undefined, waiting)).toEqual([])
    expect(groupOf(waiting[0], Array.from({ length: 300 }, (_, i) => one(String(i))))).toHaveLength(200)
  })

  it('have a sample of the size that the server asks for', () => {
    expect([1, 9, 10, 11, 200].map((n) => sampleSize(n, 10))).toEqual([1, 1, 1, 2, 20])
  })

  it('are drawn each as likely as the other', () => {
    const ids = ['a', 'b', 'c', 'd']
    const counts = new Map<string, number>()
    let state = 1
    const random = () => (state = (state * 48271) % 2147483647) / 2147483647
    for (let turn = 0; turn < 4000; turn++) for (const id of draw(ids, 2, random)) counts.set(id, (counts.get(id) ?? 0) + 1)
    for (const id of ids) expect(Math.abs(counts.get(id)! - 2000)).toBeLessThan(150)
    expect(new Set(draw(ids, 4, random))).toEqual(new Set(ids))
  })

  it('wait for the sample, and end when one of it does not hold', () => {
    const said: Record<string, string | undefined> = {}
    const now = () => progress(['a', 'b'], (id) => said[id])
    expect(now()).toEqual({ stage: 'sample', accepted: 0, next: 'a' })
    said.a = 'accept'
    expect(now()).toEqual({ stage: 'sample', accepted: 1, next: 'b' })
    said.b = 'accept'
    expect(now()).toEqual({ stage: 'ready', accepted: 2, next: undefined })
    said.a = 'return'
    expect(now().stage).toBe('failed')
  })
})
