/** Which part of the map is in view. Pure. */
import { type Point, project, unproject } from './earth'

export interface View {
  /** The middle of the picture. */
  lat: number
  lon: number
  /** 256 pixels to a tile; may lie between two whole numbers. */
  zoom: number
}
export interface Size {
  width: number
  height: number
}
export type Box = readonly [west: number, south: number, east: number, north: number]

export const ZOOMS = { least: 3, most: 19 } as const
const clamp = (value: number, least: number, most: number) => Math.max(least, Math.min(most, value))
const pixels = (zoom: number) => 256 * 2 ** zoom

export function toScreen(at: Point, view: View, size: Size): { x: number; y: number } {
  const [a, b] = [project(at), project(view)]
  return { x: (a.x - b.x) * pixels(view.zoom) + size.width / 2, y: (a.y - b.y) * pixels(view.zoom) + size.height / 2 }
}

export function fromScreen({ x, y }: { x: number; y: number }, view: View, size: Size): Point {
  const middle = project(view)
  return unproject({ x: middle.x + (x - size.width / 2) / pixels(view.zoom), y: clamp(middle.y + (y - size.height / 2) / pixels(view.zoom), 0, 1) })
}

/** The picture pushed by so many pixels: what was there comes here. */
export function moved(view: View, dx: number, dy: number, size: Size): View {
  return { ...fromScreen({ x: size.width / 2 - dx, y: size.height / 2 - dy }, view, size), zoom: view.zoom }
}

/** Nearer or further, with this place of the picture staying where it is. */
export function zoomed(view: View, by: number, at: { x: number; y: number }, size: Size): View {
  const zoom = clamp(view.zoom + by, ZOOMS.least, ZOOMS.most)
  const held = fromScreen(at, view, size)
  const now = toScreen(held, { ...view, zoom }, size)
  return moved({ ...view, zoom }, at.x - now.x, at.y - now.y, size)
}

/** All points with some room around them; undefined for none. One point alone is seen from `alone`. */
export function around(points: readonly Point[], size: Size, alone = 16, edgePx = 40): View | undefined {
  if (points.length === 0) return undefined
  const all = points.map(project)
  const [west, east] = [Math.min(...all.map((p) => p.x)), Math.max(...all.map((p) => p.x))]
  const [north, south] = [Math.min(...all.map((p) => p.y)), Math.max(...all.map((p) => p.y))]
  const fits = Math.min((size.width - 2 * edgePx) / Math.max(east - west, 1e-9), (size.height - 2 * edgePx) / Math.max(south - north, 1e-9))
  return { ...unproject({ x: (west + east) / 2, y: (north + south) / 2 }), zoom: clamp(Math.log2(Math.max(fits, 1) / 256), ZOOMS.least, alone) }
}

export function boxOf(view: View, size: Size): Box {
  const [a, b] = [fromScreen({ x: 0, y: size.height }, view, size), fromScreen({ x: size.width, y: 0 }, view, size)]
  return [Math.max(-180, a.lon), a.lat, Math.min(180, b.lon), b.lat]
}

/** A round length in metres that takes up to `mostPx` pixels: 1, 2 or 5 times a power of ten. */
export function scaleBar(metresPerPx: number, mostPx: number): { metres: number; px: number } {
  const most = metresPerPx * mostPx
  const power = 10 ** Math.floor(Math.log10(most))
  const metres = ([5, 2, 1].find((n) => n * power <= most) ?? 1) * power
  return { metres, px: metres / metresPerPx }
}
