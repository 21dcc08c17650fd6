/** Points that stand so close that they would cover each other become one. Pure. */
import { type Point, project } from './earth'

export interface Mark<T> extends Point {
  items: T[]
}

/** Pixels that two marks keep apart. */
export const APART_PX = 60

/** Marks at this zoom (256 pixels to a tile), each at the middle of its points, in the order of their first points. */
export function cluster<T extends Point>(points: readonly T[], zoom: number, apartPx = APART_PX): Mark<T>[] {
  const cells = new Map<string, Mark<T>>()
  const columns = (256 * 2 ** zoom) / apartPx
  for (const point of points) {
    const { x, y } = project(point)
    const key = `${Math.floor(x * columns)} ${Math.floor(y * columns)}`
    const mark = cells.get(key)
    if (!mark) {
      cells.set(key, { lat: point.lat, lon: point.lon, items: [point] })
      continue
    }
    mark.items.push(point)
    mark.lat += (point.lat - mark.lat) / mark.items.length
    mark.lon += (point.lon - mark.lon) / mark.items.length
  }
  return [...cells.values()]
}
