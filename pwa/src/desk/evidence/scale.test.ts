import { describe, expect, it } from 'vitest'

import { celsius, place, share, ticks } from './scale'

describe('temperature scale', () => {
  it('puts both ends at the ends and keeps what lies outside on them', () => {
    expect(share(11.8, 11.8, 91)).toBe(0)
    expect(share(91, 11.8, 91)).toBe(1)
    expect(share(200, 11.8, 91)).toBe(1)
    expect(share(-70, 11.8, 91)).toBe(0)
    expect(share(20, 20, 20)).toBe(0.5)
  })

  it('offers round ticks that keep off the ends', () => {
    expect(ticks(11.8, 91)).toEqual([40, 60, 80])
    expect(ticks(16.7, 34.5)).toEqual([20, 25, 30])
    expect(ticks(-10.3, 15)).toEqual([-5, 0, 5, 10])
    expect(ticks(20, 20.4)).toEqual([20.1, 20.2, 20.3])
    expect(ticks(5, 5)).toEqual([])
  })

  it('marks the middle of the hottest pixel', () => {
    expect(place({ x: 0, y: 0 }, 120, 120)).toEqual({ left: 0.5 / 120, top: 0.5 / 120 })
    expect(place({ x: 319, y: 119 }, 320, 240)).toEqual({ left: 319.5 / 320, top: 119.5 / 240 })
  })

  it('writes degrees with one decimal and a true minus', () => {
    expect(celsius(86.42)).toBe('86.4 °C')
    expect(celsius(-10.336)).toBe('−10.3 °C')
  })
})
