/** What a photo's file says of its own time and place, against what the phone told. Pure. */
import type { PhotoRef } from '@/api/kinds'
import type { PhotoFacts } from '@/media/attach'

/** From which difference on a reviewer is told. A file without time or place tells nothing. */
export const TIME_LIMIT_MS = 10 * 60_000
export const PLACE_LIMIT_M = 200
const EARTH_M = 6_371_000

export interface Claimed {
  /** What the file says, as local time where it names no zone, and by how much the phone is later (ms, negative: earlier). */
  time?: { at: string; later_ms: number }
  /** How far from the phone's place the file says it was taken, metres. */
  away_m?: number
}

/** Only what differs by more than the limits; the accuracy of the phone's place is allowed on top. */
export function claimed(photo: PhotoRef, facts: Pick<PhotoFacts, 'taken_at_exif' | 'position_exif'>): Claimed {
  const found: Claimed = {}
  const later_ms = Date.parse(photo.taken_at) - Date.parse(facts.taken_at_exif ?? '')
  if (facts.taken_at_exif && Math.abs(later_ms) > TIME_LIMIT_MS) found.time = { at: facts.taken_at_exif, later_ms }
  const place = facts.position_exif as { lat: number; lon: number } | null
  if (place && photo.lat != null && photo.lon != null) {
    const away = distance(place, { lat: photo.lat, lon: photo.lon })
    if (away > PLACE_LIMIT_M + (photo.accuracy_m ?? 0)) found.away_m = Math.round(away)
  }
  return found
}

/** Great-circle distance in metres (haversine). */
function distance(a: { lat: number; lon: number }, b: { lat: number; lon: number }): number {
  const rad = (degrees: number) => (degrees * Math.PI) / 180
  const h = Math.sin(rad(b.lat - a.lat) / 2) ** 2 + Math.cos(rad(a.lat)) * Math.cos(rad(b.lat)) * Math.sin(rad(b.lon - a.lon) / 2) ** 2
  return 2 * EARTH_M * Math.asin(Math.sqrt(Math.min(1, h)))
}
