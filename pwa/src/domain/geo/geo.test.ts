import { describe, expect, it } from 'vitest'

import { cluster } from './cluster'
import { bearing, compass, distance, distanceText, metresPerPixel, project, unproject } from './earth'
import { around, boxOf, fromScreen, moved, scaleBar, toScreen, zoomed } from './view'

const HANDAN = { lat: 36.6, lon: 114.49 }
/** A number between 0 and 1 for each seed, the same each time. */
const random = (seed: number) => (Math.imul(seed + 1, 2654435761) >>> 0) / 2 ** 32

describe('distance and direction', () => {
  it('are those of the sphere', () => {
    // A degree of latitude is 2πR/360 = 111.195 km.
    expect(distance({ lat: 0, lon: 0 }, { lat: 1, lon: 0 })).toBeCloseTo(111_195.08, 0)
    // Beijing to Shanghai, city centres: 1,067 km.
    expect(distance({ lat: 39.9042, lon: 116.4074 }, { lat: 31.2304, lon: 121.4737 }) / 1000).toBeCloseTo(1067.3, 0)
    expect(bearing(HANDAN, { ...HANDAN, lat: 36.7 })).toBeCloseTo(0)
    expect(bearing(HANDAN, { ...HANDAN, lon: 114.5 })).toBeCloseTo(90, 1)
    expect(compass(359)).toBe('n')
    expect(compass(225)).toBe('sw')
    expect([3, 342, 996, 1234, 12_345].map(distanceText)).toEqual(['3 m', '340 m', '1.0 km', '1.2 km', '12 km'])
  })
  it('agree with the plane of the map', () => {
    expect(unproject(project(HANDAN)).lat).toBeCloseTo(HANDAN.lat, 9)
    expect(metresPerPixel(0, 0)).toBeCloseTo(156_367, -2)
  })
})

describe('the view', () => {
  const size = { width: 360, height: 300 }
  const view = { ...HANDAN, zoom: 12 }
  it('goes from the earth to the screen and back', () => {
    expect(toScreen(HANDAN, view, size)).toEqual({ x: 180, y: 150 })
    const there = fromScreen({ x: 10, y: 290 }, view, size)
    expect(toScreen(there, view, size).x).toBeCloseTo(10)
    expect(toScreen(there, view, size).y).toBeCloseTo(290)
  })
  it('is pushed, and is zoomed about the finger', () => {
    const pushed = moved(view, 30, -20, size)
    expect(toScreen(HANDAN, pushed, size).x).toBeCloseTo(210)
    expect(toScreen(HANDAN, pushed, size).y).toBeCloseTo(130)
    const finger = { x: 50, y: 60 }
    const under = fromScreen(finger, view, size)
    expect(toScreen(under, zoomed(view, 2, finger, size), size).x).toBeCloseTo(50)
    expect(zoomed(view, 99, finger, size).zoom).toBe(19)
  })
  it('holds all points, however few', () => {
    expect(around([], size)).toBeUndefined()
    expect(around([HANDAN], size)!.zoom).toBe(16)
    const points = [HANDAN, { lat: 36.9, lon: 114.8 }, { lat: 36.4, lon: 114.2 }]
    const found = around(points, size)!
    const [west, south, east, north] = boxOf(found, size)
    for (const point of points) expect(point.lon > west && point.lon < east && point.lat > south && point.lat < north).toBe(true)
  })
  it('has a scale of a round length', () => {
    expect(scaleBar(1, 100)).toEqual({ metres: 100, px: 100 })
    expect(scaleBar(3.3, 100).metres).toBe(200)
    expect(scaleBar(0.07, 100).metres).toBe(5)
  })
})

it('joins what stands close together and takes it apart again when one goes nearer', () => {
  const points = Array.from({ length: 500 }, (_, i) => ({ id: i, lat: 36.6 + random(i) / 10, lon: 114.5 + random(i + 999) / 10 }))
  const far = cluster(points, 8)
  const near = cluster(points, 19)
  expect(far.length).toBeLessThan(10)
  expect(far.flatMap((mark) => mark.items).length).toBe(500)
  expect(near.length).toBeGreaterThan(480)
})
