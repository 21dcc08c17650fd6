/**
 * GCJ-02, the coordinates of Chinese base maps, from WGS 84 and back. Only for display: what is stored is WGS 84. Pure.
 *
 * The conversion is not published by its makers; this is the one that everybody uses, as in googollee/eviltransform
 * (MIT), with the parameters of the Krasovsky 1940 ellipsoid. Outside of China both are the same.
 */
import type { Point } from './earth'

/** Semi-major axis, m, and first eccentricity squared of Krasovsky 1940. */
const AXIS_M = 6_378_245
const ECCENTRICITY_2 = 0.00669342162296594323
const rad = (deg: number) => (deg * Math.PI) / 180

export function outside({ lat, lon }: Point): boolean {
  return lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271
}

/** The shift at a place, degrees. */
function shift({ lat, lon }: Point): Point {
  const [x, y] = [lon - 105, lat - 35]
  const root = Math.sqrt(Math.abs(x))
  const waves = (20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * (2 / 3)
  const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves + (20 * Math.sin(y * Math.PI) + 40 * Math.sin((y / 3) * Math.PI)) * (2 / 3) + (160 * Math.sin((y / 12) * Math.PI) + 320 * Math.sin((y / 30) * Math.PI)) * (2 / 3)
  const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves + (20 * Math.sin(x * Math.PI) + 40 * Math.sin((x / 3) * Math.PI)) * (2 / 3) + (150 * Math.sin((x / 12) * Math.PI) + 300 * Math.sin((x / 30) * Math.PI)) * (2 / 3)
  const magic = 1 - ECCENTRICITY_2 * Math.sin(rad(lat)) ** 2
  const meridian = (AXIS_M * (1 - ECCENTRICITY_2)) / magic ** 1.5
  const parallel = (AXIS_M / Math.sqrt(magic)) * Math.cos(rad(lat))
  return { lat: (north / meridian) * (180 / Math.PI), lon: (east / parallel) * (180 / Math.PI) }
}

export function toGcj02(at: Point): Point {
  if (outside(at)) return at
  const by = shift(at)
  return { lat: at.lat + by.lat, lon: at.lon + by.lon }
}

/** Solved step by step: each step takes away what the last one was off by. Within 1 mm of where it came from. */
export function fromGcj02(at: Point): Point {
  if (outside(at)) return at
  let found = at
  for (let step = 0; step < 8; step += 1) {
    const there = toGcj02(found)
    found = { lat: found.lat + at.lat - there.lat, lon: found.lon + at.lon - there.lon }
  }
  return found
}
