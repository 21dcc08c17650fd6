import { expect, it } from 'vitest'

import { coverage, sinceOf } from './coverage'

it('adds the county up and puts the least seen first', () => {
  const lines = coverage([{ unit: 'a', all: 100, unseen: 10 }, { unit: 'b', all: 50, unseen: 50 }])
  expect(lines.map((line) => [line.unit, line.all, line.unseen, line.percent])).toEqual([['', 150, 60, 60], ['b', 50, 50, 0], ['a', 100, 10, 90]])
  expect(coverage([])).toEqual([])
})

it('never says 100 % while one is left out, nor 0 % while one was seen', () => {
  expect(coverage([{ unit: 'a', all: 1000, unseen: 1 }])[1]!.percent).toBe(99)
  expect(coverage([{ unit: 'a', all: 1000, unseen: 999 }])[1]!.percent).toBe(1)
  expect(coverage([{ unit: 'a', all: 3, unseen: 0 }])[1]!.percent).toBe(100)
})

it('counts from the first day of the quarter, the year, or so many days ago', () => {
  expect(sinceOf('quarter', '2026-11-26')).toBe('2026-10-01')
  expect(sinceOf('days30', '2026-11-26')).toBe('2026-10-27')
  expect(sinceOf('half', '2026-11-26')).toBe('2026-05-28')
  expect(sinceOf('year', '2026-11-26')).toBe('2026-01-01')
})
