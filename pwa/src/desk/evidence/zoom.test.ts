import { describe, expect, it } from 'vitest'

import { panned, WHOLE, zoomed } from './zoom'

describe('zoom', () => {
  it('keeps the point under the pointer where it is', () => {
    const point = { x: 0.2, y: -0.1 }
    const at = zoomed(zoomed(WHOLE, 2, point.x, point.y), 1.5, point.x, point.y)
    const seen = { x: (point.x - at.x) / at.zoom, y: (point.y - at.y) / at.zoom }
    expect(seen.x).toBeCloseTo(point.x)
    expect(seen.y).toBeCloseTo(point.y)
  })

  it('never leaves the photo, and ends at its whole', () => {
    expect(panned(zoomed(WHOLE, 2), 5, -5)).toEqual({ zoom: 2, x: 0.5, y: -0.5 })
    expect(panned(WHOLE, 1, 1)).toEqual(WHOLE)
    expect(zoomed(zoomed(WHOLE, 100), 1 / 1000)).toEqual(WHOLE)
    expect(zoomed(WHOLE, 100).zoom).toBe(8)
  })
})
