/**
 * Corners that are found again, each with its scale, its direction and a description of 256 bits. Pure.
 *
 * Corners: J. Shi, C. Tomasi, "Good Features to Track", CVPR 1994 (smaller eigenvalue of the gradients' matrix), over a
 * pyramid. Direction and steered BRIEF: E. Rublee, V. Rabaud, K. Konolige, G. Bradski, "ORB: an efficient alternative to
 * SIFT or SURF", ICCV 2011. The pairs of the description are drawn as in M. Calonder et al., "BRIEF", ECCV 2010 (G II).
 */
import { blurred, empty, type Grey, shrunk } from './grey'
import { drawing } from './random'

export interface Feature {
  /** Place in the picture itself, in pixels. */
  x: number
  y: number
  /** Of which level of the pyramid: 1 is the picture itself, 2 half of it. */
  scale: number
  /** Direction in radians. */
  angle: number
  /** Eight words of 32 bits. */
  bits: Int32Array
}

const STEP = 1.2
const LEVELS = 7
const RADIUS = 15
/** A corner stands this far inside, so that its turned patch fits. */
const MARGIN = RADIUS + 3
/** Side of the squares over which corners are spread, in pixels, and how many each may give. */
const CELL = 20
const PER_CELL = 4
const MOST = 700
export const WORDS = 8

/** Ends of the 256 pairs: x, y, x, y. */
const PAIRS = pairs()

function pairs(): Float32Array {
  const random = drawing(20111106)
  const gauss = () => {
    const value = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()) * ((2 * RADIUS + 1) / 5)
    return Math.min(Math.max(value, -RADIUS * 0.85), RADIUS * 0.85)
  }
  return Float32Array.from({ length: WORDS * 32 * 4 }, gauss)
}

/** The strongest corners over all scales, at most 700. */
export function featuresOf(grey: Grey): Feature[] {
  const found: { feature: Feature; strength: number }[] = []
  let level = grey
  for (let n = 0; n < LEVELS; n += 1) {
    const scale = STEP ** n
    if (n > 0) level = shrunk(level, Math.round(grey.width / scale), Math.round(grey.height / scale))
    if (Math.min(level.width, level.height) < 3 * MARGIN) break
    const soft = blurred(level, 1.6)
    const [sx, sy] = [grey.width / level.width, grey.height / level.height]
    for (const { x, y, strength } of corners(level)) {
      const angle = direction(soft, x, y)
      const feature = { x: (x + 0.5) * sx - 0.5, y: (y + 0.5) * sy - 0.5, scale: (sx + sy) / 2, angle, bits: described(soft, x, y, angle) }
      found.push({ feature, strength })
    }
  }
  return found.sort((a, b) => b.strength - a.strength).slice(0, MOST).map(({ feature }) => feature)
}

interface Corner {
  x: number
  y: number
  strength: number
}

function corners(grey: Grey): Corner[] {
  const { width, height } = grey
  const strengths = cornerness(grey)
  const cells = new Map<number, Corner[]>()
  for (let y = MARGIN; y < height - MARGIN; y += 1) {
    for (let x = MARGIN; x < width - MARGIN; x += 1) {
      const strength = strengths.data[y * width + x]!
      if (strength < 12 || !isPeak(strengths, x, y)) continue
      const key = Math.floor(y / CELL) * 1000 + Math.floor(x / CELL)
      const there = cells.get(key)
      if (there) there.push({ x, y, strength })
      else cells.set(key, [{ x, y, strength }])
    }
  }
  return [...cells.values()].flatMap((there) => there.sort((a, b) => b.strength - a.strength).slice(0, PER_CELL))
}

function isPeak({ data, width }: Grey, x: number, y: number): boolean {
  const at = y * width + x
  const here = data[at]!
  for (let dy = -1; dy <= 1; dy += 1) {
    for (let dx = -1; dx <= 1; dx += 1) {
      const there = data[at + dy * width + dx]!
      if (there > here || (there === here && (dy < 0 || (dy === 0 && dx < 0)))) return false
    }
  }
  return true
}

/** The smaller eigenvalue of the gradients' matrix around each pixel, per pixel of the window. */
function cornerness(grey: Grey): Grey {
  const { width, height, data } = grey
  const [xx, yy, xy] = [empty(width, height), empty(width, height), empty(width, height)]
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const at = y * width + x
      const dx = (data[at + 1]! - data[at - 1]!) / 2
      const dy = (data[at + width]! - data[at - width]!) / 2
      xx.data[at] = dx * dx
      yy.data[at] = dy * dy
      xy.data[at] = dx * dy
    }
  }
  const [a, b, c] = [blurred(xx, 1.2), blurred(yy, 1.2), blurred(xy, 1.2)]
  const out = empty(width, height)
  for (let at = 0; at < out.data.length; at += 1) {
    const [ax, by, cx] = [a.data[at]!, b.data[at]!, c.data[at]!]
    out.data[at] = (ax + by) / 2 - Math.sqrt(((ax - by) / 2) ** 2 + cx * cx)
  }
  return out
}

/** From the corner to the centre of brightness around it. */
function direction({ data, width }: Grey, x: number, y: number): number {
  let [mx, my] = [0, 0]
  for (let dy = -RADIUS; dy <= RADIUS; dy += 1) {
    const reach = Math.floor(Math.sqrt(RADIUS * RADIUS - dy * dy))
    for (let dx = -reach; dx <= reach; dx += 1) {
      const value = data[(y + dy) * width + x + dx]!
      mx += dx * value
      my += dy * value
    }
  }
  return Math.atan2(my, mx)
}

function described({ data, width }: Grey, x: number, y: number, angle: number): Int32Array {
  const bits = new Int32Array(WORDS)
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const value = (px: number, py: number) => data[(y + Math.round(sin * px + cos * py)) * width + x + Math.round(cos * px - sin * py)]!
  for (let i = 0, at = 0; i < WORDS * 32; i += 1, at += 4) {
    if (value(PAIRS[at]!, PAIRS[at + 1]!) < value(PAIRS[at + 2]!, PAIRS[at + 3]!)) bits[i >> 5]! |= 1 << (i & 31)
  }
  return bits
}
