/** Where a photo was taken, how sure that is, and where the phone looked. Pure. */
import type { PhotoRef } from '@/api/kinds'

/** A position as the phone read it: degrees WGS 84, `accuracy_m` the 68 % radius, `at` epoch ms. */
export interface Fix {
  lat: number
  lon: number
  accuracy_m: number
  at: number
}
/** A compass reading, degrees from north eastwards. */
export interface Heading {
  deg: number
  at: number
}
export type Place = Pick<PhotoRef, 'lat' | 'lon' | 'accuracy_m' | 'place_age_ms' | 'heading_deg'>

/** From which age and radius on a position is said to be old or coarse. */
export const OLD_MS = 60_000
export const COARSE_M = 100
/** A position further away in time than this says nothing of the photo. */
const FAR_MS = 600_000
/** A compass reading: the phone is aimed anew every few seconds. */
const HEADING_MS = 30_000
/** How far somebody walks meanwhile, metres a second. */
const WALK = 1.4

/** What is told of the place of a photo taken at `takenMs`; undefined when nothing is known of it. */
export function placeAt(fix: Fix | undefined, heading: Heading | undefined, takenMs: number): Place | undefined {
  const age = fix && Math.abs(takenMs - fix.at)
  const aimed = heading && Math.abs(takenMs - heading.at) <= HEADING_MS ? { heading_deg: Math.round(heading.deg) % 360 } : {}
  if (!fix || age === undefined || age > FAR_MS) return undefined
  return { lat: round(fix.lat, 6), lon: round(fix.lon, 6), accuracy_m: round(fix.accuracy_m, 1), place_age_ms: Math.round(age), ...aimed }
}

/** How far the photo may be from its place, metres: the radius, and how far one walks in the time between. */
export function uncertainty(place: Place): number {
  if (place.lat == null || place.lon == null) return Infinity
  return (place.accuracy_m ?? COARSE_M) + ((place.place_age_ms ?? 0) / 1000) * WALK
}

/** The better of what a photo says and what was read since; the compass stays as it was at the photo. */
export function better(now: Place, since: Place | undefined): Place {
  if (!since || uncertainty(since) >= uncertainty(now)) return now
  return now.heading_deg == null ? since : { ...since, heading_deg: now.heading_deg }
}

export function faults(place: Place): ('old' | 'coarse')[] {
  const old = (place.place_age_ms ?? 0) > OLD_MS ? (['old'] as const) : []
  return [...old, ...((place.accuracy_m ?? 0) > COARSE_M ? (['coarse'] as const) : [])]
}

/**
 * Where the back camera looks, degrees from north eastwards, from the three angles of a DeviceOrientationEvent (degrees,
 * W3C: rotation Z by alpha, X by beta, Y by gamma, alpha counted from north). Lying flat, where the top of the phone points.
 */
export function headingOf(alpha: number, beta: number, gamma: number): number {
  const [a, b, c] = [alpha, beta, gamma].map((deg) => (deg * Math.PI) / 180) as [number, number, number]
  const [sa, ca, sb, cb, sc, cc] = [Math.sin(a), Math.cos(a), Math.sin(b), Math.cos(b), Math.sin(c), Math.cos(c)]
  const camera = { east: -(ca * sc + sa * sb * cc), north: -(sa * sc - ca * sb * cc) }
  const top = { east: -cb * sa, north: ca * cb }
  const { east, north } = Math.hypot(camera.east, camera.north) >= 0.5 ? camera : top
  return ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
