/**
 * How far two registered pictures show the same thing. Pure.
 *
 * Boxes of one type have the same lid and the same meters, so what agrees coarsely proves nothing: a square counts when
 * its own dirt, scratches and letters come again, and it counts the more the farther it is from the middle, where the
 * wall is and where a repair changes least.
 */
import { blurred, type Grey } from './grey'
import type { Plane } from './plane'
import { looked, squares, warped } from './register'

export interface Agreement {
  /** 0–1: the weighted share of squares that show the same. */
  score: number
  /** Share of the first picture that the second shows too. */
  overlap: number
}

const HALF = 7
const STRIDE = 8
/** Pixels that a square may lie off: what stands before the wall moves against it. */
const REACH = 2
/** Correlation from which a square begins to count, and from which it counts wholly. */
const BEGINS = 0.85
const WHOLE = 0.95
const FEWEST = 24

export function agreement(from: Grey, to: Grey, plane: Plane): Agreement {
  const { picture, seen } = warped(to, plane, from.width, from.height)
  const overlap = seen.reduce((sum, one) => sum + one, 0) / seen.length
  const [a, b] = [blurred(from, 0.8), blurred(picture, 0.8)]
  const found = [...squares(from.width, from.height, HALF + REACH, STRIDE)].flatMap(({ x, y }) => {
    const place = looked(a, b, seen, x, y, HALF, REACH)
    return place ? [{ x, y, value: Math.min(Math.max((place.correlation - BEGINS) / (WHOLE - BEGINS), 0), 1) }] : []
  })
  if (found.length < FEWEST) return { score: 0, overlap }
  const across = span(found.map(({ x }) => x))
  const down = span(found.map(({ y }) => y))
  let [sum, weights] = [0, 0]
  for (const { x, y, value } of found) {
    const weight = Math.max(Math.abs(x - across.middle) / across.half, Math.abs(y - down.middle) / down.half) ** 2
    sum += weight * value
    weights += weight
  }
  return { score: weights > 0 ? sum / weights : 0, overlap }
}

function span(values: readonly number[]): { middle: number; half: number } {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return { middle: (least + most) / 2, half: (most - least) / 2 + 1 }
}
