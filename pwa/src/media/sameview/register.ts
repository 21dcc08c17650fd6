/**
 * How one picture lies on another: by corners, then by small squares of the pictures themselves. Pure and repeatable.
 *
 * M. Fischler, R. Bolles, "Random Sample Consensus", CACM 24 (1981): two matches give a similarity; the one that most
 * others follow is freed to an affine map and to a homography by least squares over those that follow.
 */
import { featuresOf } from './features'
import { blurred, empty, type Grey, sampled } from './grey'
import { type Match, matched } from './match'
import { fitted, laid, offBy, type Pair, type Plane, plausible, similarityOf } from './plane'
import { drawing } from './random'
import { isSound } from './sound'

/** A map and what was found of both pictures that tells it. */
interface Told {
  plane: Plane
  pairs: readonly Pair[]
}

const DRAWS = 2000
/** How far a match may lie off, in pixels: of a similarity (perspective bends it), and while it is freed. */
const LOOSE_PX = 12
const TIGHTER_PX = [12, 9, 6, 4, 3.5, 3.5] as const
const FEWEST = 8

/** From the first picture onto the second, in pixels of the small pictures; undefined when none is to be believed. */
export function registered(from: Grey, to: Grey): Plane | undefined {
  const matches = matched(featuresOf(from), featuresOf(to))
  const pairs = matches.map(({ from: a, to: b }): Pair => ({ x: a.x, y: a.y, u: b.x, v: b.y }))
  let plane = bySimilarity(matches, pairs)
  if (!plane) return undefined
  let followers: Pair[] = []
  for (const [i, tolerance] of TIGHTER_PX.entries()) {
    followers = following(pairs, plane, tolerance)
    if (followers.length < FEWEST) return undefined
    const freed = fitted(followers, i < 2 || followers.length < 12)
    if (!freed || !plausible(freed, from.width, from.height)) break
    plane = freed
  }
  if (!plausible(plane, from.width, from.height)) return undefined
  const told = bySquares(from, to, { plane, pairs: followers })
  return isSound(told.plane, told.pairs, from, to) ? told.plane : undefined
}

function following(pairs: readonly Pair[], plane: Plane, tolerance: number): Pair[] {
  return pairs.filter((pair) => offBy(plane, pair) < tolerance * tolerance)
}

function bySimilarity(matches: readonly Match[], pairs: readonly Pair[]): Plane | undefined {
  if (pairs.length < FEWEST) return undefined
  const random = drawing(1981)
  let [best, most] = [undefined as Plane | undefined, FEWEST - 1]
  for (let n = 0; n < DRAWS; n += 1) {
    // Better matches stand first and are tried first (O. Chum, J. Matas, "PROSAC", CVPR 2005).
    const range = Math.min(pairs.length, Math.max(FEWEST, Math.ceil((pairs.length * (n + 200)) / DRAWS)))
    const [i, j] = [Math.floor(random() * range), Math.floor(random() * range)]
    if (i === j) continue
    const plane = similarityOf(pairs[i]!, pairs[j]!)
    if (!plane || !fits(plane, matches[i]!) || !fits(plane, matches[j]!)) continue
    const count = following(pairs, plane, LOOSE_PX).length
    if (count > most) [best, most] = [plane, count]
  }
  return best
}

/** Whether a match's own turn agrees with the map's, by 40°. */
function fits(plane: Plane, { from, to }: Match): boolean {
  const size = Math.hypot(plane[0], plane[3])
  if (size < 0.35 || size > 2.9) return false
  const off = to.angle - from.angle - Math.atan2(plane[3], plane[0])
  return Math.cos(off) > 0.76
}

/** The second picture as it lies on the first; `seen` is 0 where it has nothing. */
export function warped(to: Grey, plane: Plane, width: number, height: number): { picture: Grey; seen: Uint8Array } {
  const picture = empty(width, height)
  const seen = new Uint8Array(width * height)
  const [a, b, c, d, e, f, g, i, j] = plane
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const w = g * x + i * y + j
      const u = (a * x + b * y + c) / w
      const v = (d * x + e * y + f) / w
      if (!(u >= 0 && v >= 0 && u <= to.width - 1 && v <= to.height - 1)) continue
      picture.data[y * width + x] = sampled(to, u, v)
      seen[y * width + x] = 1
    }
  }
  return { picture, seen }
}

const HALF = 8
const STRIDE = 12
const SEARCH_PX = [5, 3, 2] as const

/**
 * The same map, finer: squares of the first picture are looked for near where the map puts them (normalised
 * correlation, to a part of a pixel), and the map is fitted to where they were found.
 */
function bySquares(from: Grey, to: Grey, start: Told): Told {
  const soft = blurred(from, 0.8)
  let told = start
  for (const reach of SEARCH_PX) {
    const { picture, seen } = warped(blurred(to, 0.8), told.plane, from.width, from.height)
    const pairs: Pair[] = []
    for (const square of squares(from.width, from.height, HALF + reach, STRIDE)) {
      const found = looked(soft, picture, seen, square.x, square.y, HALF, reach)
      if (!found || found.correlation < 0.75 || found.rim) continue
      const [u, v] = laid(told.plane, square.x + found.dx, square.y + found.dy)
      pairs.push({ x: square.x, y: square.y, u, v, weight: found.correlation ** 2 })
    }
    if (pairs.length < 16) break
    const plane = robust(pairs)
    if (!plane || !plausible(plane, from.width, from.height)) break
    told = { plane, pairs }
  }
  return told
}

/** Least squares, then twice again with less say for those that lie off (Cauchy's weights, at 1 px). */
function robust(pairs: readonly Pair[]): Plane | undefined {
  let plane = fitted(pairs, false)
  for (let n = 0; n < 4 && plane; n += 1) {
    const now = plane
    plane = fitted(pairs.map((pair) => ({ ...pair, weight: pair.weight! / (1 + offBy(now, pair)) })), false)
  }
  return plane
}

export function* squares(width: number, height: number, margin: number, stride: number): Generator<{ x: number; y: number }> {
  for (let y = margin; y < height - margin; y += stride) for (let x = margin; x < width - margin; x += stride) yield { x, y }
}

/** Grey values that do not tell a square from noise. */
const FLAT = 3

export interface Found {
  correlation: number
  /** Where it was found, off the place in pixels. */
  dx: number
  dy: number
  /** At the end of the search: it may lie farther. */
  rim: boolean
}

/** A square of `a` in `b` near the same place; undefined where `b` was not seen or `a` is flat. */
export function looked(a: Grey, b: Grey, seen: Uint8Array, x: number, y: number, half: number, reach: number): Found | undefined {
  const { width } = a
  for (const [cx, cy] of [[-1, -1], [1, -1], [-1, 1], [1, 1]] as const) {
    if (!seen[(y + cy * (half + reach)) * width + x + cx * (half + reach)]) return undefined
  }
  const size = 2 * half + 1
  const n = size * size
  const own = new Float32Array(n)
  let [sum, squared] = [0, 0]
  for (let dy = -half, i = 0; dy <= half; dy += 1) {
    for (let dx = -half; dx <= half; dx += 1, i += 1) {
      const value = a.data[(y + dy) * width + x + dx]!
      own[i] = value
      sum += value
      squared += value * value
    }
  }
  const spread = squared - (sum * sum) / n
  if (spread < n * FLAT * FLAT) return undefined
  const span = 2 * reach + 1
  const scores = new Float32Array(span * span)
  let best = 0
  for (let oy = -reach; oy <= reach; oy += 1) {
    for (let ox = -reach; ox <= reach; ox += 1) {
      let [other, otherSquared, product] = [0, 0, 0]
      for (let dy = -half, i = 0; dy <= half; dy += 1) {
        const row = (y + oy + dy) * width + x + ox
        for (let dx = -half; dx <= half; dx += 1, i += 1) {
          const value = b.data[row + dx]!
          other += value
          otherSquared += value * value
          product += value * own[i]!
        }
      }
      const otherSpread = otherSquared - (other * other) / n
      const at = (oy + reach) * span + ox + reach
      scores[at] = otherSpread < 1 ? 0 : (product - (sum * other) / n) / Math.sqrt(spread * Math.max(otherSpread, n))
      if (scores[at]! > scores[best]!) best = at
    }
  }
  const [bx, by] = [best % span, Math.floor(best / span)]
  const rim = reach > 0 && (bx === 0 || by === 0 || bx === span - 1 || by === span - 1)
  const between = (before: number, here: number, after: number) => {
    const bend = before - 2 * here + after
    return bend < -1e-6 ? (before - after) / (2 * bend) : 0
  }
  const here = scores[best]!
  const [dx, dy] = rim || reach === 0 ? [0, 0] : [between(scores[best - 1]!, here, scores[best + 1]!), between(scores[best - span]!, here, scores[best + span]!)]
  return { correlation: here, dx: bx - reach + dx, dy: by - reach + dy, rim }
}
