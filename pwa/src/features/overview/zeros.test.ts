import { describe, expect, it } from 'vitest'

import { lineOf, linesOf, listOf, ZEROS } from './zeros'

describe('seven zeros', () => {
  const counts = [
    { unit: 'a', zero: 'Z6', n: 2, before: 1 },
    { unit: 'b', zero: 'Z7', n: 3, before: 0 },
    { unit: 'b', zero: 'Z1', n: 1, before: 5 },
  ]
  it('stand in a line for each unit, the most first', () => {
    const lines = linesOf(['c', 'a'], counts)
    expect(lines.map((line) => [line.unit, line.sum])).toEqual([['b', 4], ['a', 2], ['c', 0]])
    expect(Object.keys(lines[2]!.zeros)).toEqual([...ZEROS])
    expect(lines[0]!.zeros.Z1).toEqual({ n: 1, before: 5 })
  })
  it('are added up for the county, and what is not one of them is left out', () => {
    expect(lineOf('', [...counts, { unit: 'a', zero: 'Z9', n: 7, before: 7 }]).sum).toBe(6)
  })
  it('open the list with the same unit and days', () => {
    expect(listOf('Z6', 'a', { since: '2026-11-01', until: '2026-11-26' }).query).toEqual({ zero: 'Z6', unit: 'a', since: '2026-11-01', until: '2026-11-26' })
    expect(listOf('Z6', '', { since: '2026-11-01', until: '2026-11-26' }).query.unit).toBeUndefined()
  })
})
