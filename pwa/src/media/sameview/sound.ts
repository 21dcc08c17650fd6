/**
 * Whether a map between two pictures may be believed. Pure.
 *
 * Squares that were found again carry a map only where they stand: all in one corner, on the one sticker that two boxes
 * have in common, they fit many maps that differ by half a picture at the other end.
 */
import { fitted, laid, offBy, type Pair, type Plane } from './plane'

/** Pixels within which a square follows the map. */
const FOLLOWS_PX = 2

/** Least squares that follow: a right map has more than 60, also where a repair changed a quarter of the picture. */
const FEWEST = 40
/** Least standard deviation of what follows, as a share of the first picture's width, and height: all of it is 0.29. */
const LEAST_SPREAD = 0.1
/**
 * How far the worst corner may move when one half of the squares, or the other, tells the map alone; in widths of the
 * second picture. On warped photos it is 0.8 % at most where the map is right.
 */
const MOST_SHAKING = 0.02

export function isSound(plane: Plane, pairs: readonly Pair[], from: Size, to: Size): boolean {
  const held = pairs.filter((pair) => offBy(plane, pair) < FOLLOWS_PX ** 2)
  if (held.length < FEWEST) return false
  if (deviation(held.map(({ x }) => x)) < LEAST_SPREAD * from.width) return false
  if (deviation(held.map(({ y }) => y)) < LEAST_SPREAD * from.height) return false
  return [0, 1].every((half) => {
    const told = fitted(held.filter((_, i) => i % 2 === half), false)
    return told !== undefined && apart(plane, told, from) < MOST_SHAKING * to.width
  })
}

interface Size {
  width: number
  height: number
}

/** Of the corners of the first picture, in pixels of the second. */
function apart(one: Plane, other: Plane, { width, height }: Size): number {
  const corners = [[0, 0], [width, 0], [width, height], [0, height]] as const
  return Math.max(...corners.map(([x, y]) => {
    const [[u, v], [s, t]] = [laid(one, x, y), laid(other, x, y)]
    return Math.hypot(u - s, v - t)
  }))
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}
