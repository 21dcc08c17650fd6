import { describe, expect, test } from 'vitest'

import { find, index } from './search'

const rows = index(
  [
    { code: 'CG-10-027', name: '27#杆耐张线夹', line: '10kV 邯东线' },
    { code: 'CG-10-028', name: '28#杆', line: '10kV 邯东线' },
    { code: 'BG-27', name: '配变', line: '10kV 北关线' },
  ],
  (row) => [row.code, row.name, row.line],
)

describe('search in the register', () => {
  test('every word must occur, in whatever field', () => {
    expect(find(rows, '邯东 27#', 10).hits.map((row) => row.code)).toEqual(['CG-10-027'])
  })
  test('full-width and upper-case typing finds the same', () => {
    expect(find(rows, 'ｃｇ-１０-０２８', 10).hits.map((row) => row.code)).toEqual(['CG-10-028'])
  })
  test('codes that begin with the word come first', () => {
    expect(find(rows, 'bg', 10).hits[0]?.code).toBe('BG-27')
    expect(find(rows, '27', 10).total).toBe(2)
  })
  test('the limit shortens the list and the total still counts all', () => {
    expect(find(rows, '', 2)).toEqual({ hits: expect.arrayContaining([]), total: 3 })
    expect(find(rows, '', 2).hits).toHaveLength(2)
  })
})
