import { describe, expect, it } from 'vitest'

import { latest, signed, statement } from './statement'

const line = (n: number, person: string, points: number, balance: number) => ({
  n, person, points, balance, decided_at: '2026-11-23T08:00:00Z',
})
const LINES = [line(1, 'a', 3, 3), line(2, 'b', 1, 1), line(3, 'a', -1, 2)]

describe('ledger statement', () => {
  it('reads newest first and can be narrowed to one person', () => {
    expect(statement(LINES, '').map((l) => l.n)).toEqual([3, 2, 1])
    expect(statement(LINES, 'a').map((l) => l.n)).toEqual([3, 1])
    expect(LINES.map((l) => l.n)).toEqual([1, 2, 3])
  })

  it('writes movements with their sign', () => {
    expect([3, 0, -1].map(signed)).toEqual(['+3', '+0', '−1'])
  })

  it('knows the balance that counts now', () => {
    expect([...latest(LINES)].map(([person, l]) => [person, l.balance])).toEqual([['a', 2], ['b', 1]])
  })
})
