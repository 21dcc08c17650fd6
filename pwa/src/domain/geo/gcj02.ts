/**
 * WGS 84 to GCJ-02, the coordinates of Chinese public maps, for display alone: what is kept and sent stays WGS 84. The
 * formula as published in googollee/eviltransform (Krasovsky 1940 ellipsoid). Pure.
 */
import type { Point } from './earth'

const A_M = 6_378_245
const EE = 0.006_693_421_622_965_943
const PI = Math.PI

/** `point` where a map in GCJ-02 has it. Outside of the formula's rectangle around the mainland it stays where it is. */
export function toGcj02({ lat, lon }: Point): Point {
  if (lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271) return { lat, lon }
  const x = lon - 105
  const y = lat - 35
  const root = 0.1 * Math.sqrt(Math.abs(x))
  const both = 20 * Math.sin(6 * x * PI) + 20 * Math.sin(2 * x * PI)
  const wave = (at: number, a: number, b: number, c: number, d: number) => a * Math.sin(at * PI) + 2 * a * Math.sin((at / 3) * PI) + b * Math.sin((at / c) * PI) + d * Math.sin((at / 30) * PI)
  const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 2 * root + ((both + wave(y, 20, 160, 12, 320)) * 2) / 3
  const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + root + ((both + wave(x, 20, 150, 12, 300)) * 2) / 3
  const phi = (lat / 180) * PI
  const magic = 1 - EE * Math.sin(phi) ** 2
  return {
    lat: lat + (north * 180) / (((A_M * (1 - EE)) / magic ** 1.5) * PI),
    lon: lon + (east * 180) / ((A_M / Math.sqrt(magic)) * Math.cos(phi) * PI),
  }
}
