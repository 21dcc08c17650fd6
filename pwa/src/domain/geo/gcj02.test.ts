import { describe, expect, it } from 'vitest'

import { distance, type Point } from './earth'
import { toGcj02 } from './gcj02'

/** The place of which the map in GCJ-02 has `shown`. Only these tests go back. */
function back(shown: Point): Point {
  let guess = shown
  for (let i = 0; i < 5; i += 1) {
    const there = toGcj02(guess)
    guess = { lat: guess.lat + shown.lat - there.lat, lon: guess.lon + shown.lon - there.lon }
  }
  return guess
}

describe('a place on a map in GCJ-02', () => {
  // Published with the formula: googollee/eviltransform, its tests.
  it.each([
    ['Shanghai', 31.1774276, 121.5272106, 31.17530398364597, 121.531541859215],
    ['Shenzhen', 22.543847, 113.912316, 22.540796131694766, 113.9171764808363],
    ['Beijing', 39.911954, 116.377817, 39.91334545536069, 116.38404722455657],
  ])('is the published one of %s', (_, lat, lon, toLat, toLon) => {
    const shown = toGcj02({ lat, lon })
    expect(distance(shown, { lat: toLat, lon: toLon })).toBeLessThan(0.01)
    expect(distance(back({ lat: toLat, lon: toLon }), { lat, lon })).toBeLessThan(1)
  })
  it('leads back to within a metre all over the county', () => {
    for (let lat = 36.2; lat < 37; lat += 0.05)
      for (let lon = 114; lon < 115; lon += 0.05) {
        const shown = toGcj02({ lat, lon })
        expect(distance(shown, { lat, lon })).toBeGreaterThan(100)
        expect(distance(back(shown), { lat, lon })).toBeLessThan(1)
      }
  })
  it('is the place itself abroad', () => {
    expect(toGcj02({ lat: 37.35, lon: 140.2 })).toEqual({ lat: 37.35, lon: 140.2 })
    expect(toGcj02({ lat: 39.7392, lon: -104.9903 })).toEqual({ lat: 39.7392, lon: -104.9903 })
  })
  it('leaves the position it was given as it was', () => {
    const kept = Object.freeze({ lat: 36.6, lon: 114.49 })
    expect(toGcj02(kept)).not.toEqual(kept)
    expect(kept).toEqual({ lat: 36.6, lon: 114.49 })
  })
})
