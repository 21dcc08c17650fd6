/** Distance, direction and the map's plane. Degrees WGS 84 unless it says otherwise. Pure. */

export interface Point {
  lat: number
  lon: number
}

/** Mean radius of the earth, m (IUGG). */
const RADIUS_M = 6_371_008.8
/** Beyond this the map's plane ends (Web Mercator, EPSG:3857). */
const EDGE = 85.05112878
const rad = (deg: number) => (deg * Math.PI) / 180
const deg = (angle: number) => (angle * 180) / Math.PI

/** Great-circle distance by the haversine formula, m. */
export function distance(a: Point, b: Point): number {
  const half = Math.sin(rad(b.lat - a.lat) / 2) ** 2 + Math.cos(rad(a.lat)) * Math.cos(rad(b.lat)) * Math.sin(rad(b.lon - a.lon) / 2) ** 2
  return 2 * RADIUS_M * Math.asin(Math.min(1, Math.sqrt(half)))
}

/** Direction in which one sets out from `a` to `b`, degrees from north eastwards, 0 ≤ x < 360. */
export function bearing(a: Point, b: Point): number {
  const east = Math.sin(rad(b.lon - a.lon)) * Math.cos(rad(b.lat))
  const north = Math.cos(rad(a.lat)) * Math.sin(rad(b.lat)) - Math.sin(rad(a.lat)) * Math.cos(rad(b.lat)) * Math.cos(rad(b.lon - a.lon))
  return (deg(Math.atan2(east, north)) + 360) % 360
}

export const COMPASS = ['n', 'ne', 'e', 'se', 's', 'sw', 'w', 'nw'] as const
export type Compass = (typeof COMPASS)[number]

export function compass(bearingDeg: number): Compass {
  return COMPASS[Math.round(bearingDeg / 45) % 8]!
}

/** `8 m`, `340 m`, `1.2 km`, `12 km`: no more digits than a position on a phone is worth. */
export function distanceText(metres: number): string {
  if (metres < 100) return `${Math.round(metres)} m`
  if (metres < 995) return `${Math.round(metres / 10) * 10} m`
  return metres < 9950 ? `${(metres / 1000).toFixed(1)} km` : `${Math.round(metres / 1000)} km`
}

/** Place on the plane, 0 to 1 from the north-west corner of the world (Web Mercator). */
export function project({ lat, lon }: Point): { x: number; y: number } {
  const sin = Math.sin(rad(Math.max(-EDGE, Math.min(EDGE, lat))))
  return { x: (lon + 180) / 360, y: 0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI) }
}

export function unproject({ x, y }: { x: number; y: number }): Point {
  return { lat: deg(Math.atan(Math.sinh(Math.PI * (1 - 2 * y)))), lon: x * 360 - 180 }
}

/** Metres that a pixel is wide at this place and zoom, with 256 pixels to a tile. */
export function metresPerPixel(lat: number, zoom: number): number {
  return (2 * Math.PI * RADIUS_M * Math.cos(rad(lat))) / (256 * 2 ** zoom)
}
