import { describe, expect, it } from 'vitest'

import { drawn, toShow } from './drawn'

describe('what is drawn of a long list', () => {
  it('is a screenful and a little around it, however long the list', () => {
    expect(drawn(0, 440, 44, 100_000, 2)).toEqual({ first: 0, end: 12 })
    expect(drawn(44 * 50_000, 440, 44, 100_000, 2)).toEqual({ first: 49_998, end: 50_012 })
    expect(drawn(44 * 99_990, 440, 44, 100_000, 2)).toEqual({ first: 99_988, end: 100_000 })
    expect(drawn(44 * 500, 440, 44, 3, 2)).toEqual({ first: 1, end: 3 })
    expect(drawn(0, 440, 44, 0)).toEqual({ first: 0, end: 0 })
  })
  it('follows the row that is chosen', () => {
    expect(toShow(5, 0, 440, 44)).toBeUndefined()
    expect(toShow(10, 0, 440, 44)).toBe(44)
    expect(toShow(3, 440, 440, 44)).toBe(132)
  })
})
