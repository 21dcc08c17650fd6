/** Which corner of one picture is which of the other. Pure. */
import { type Feature, WORDS } from './features'

export interface Match {
  from: Feature
  to: Feature
  /** Bits that differ, of 256. */
  distance: number
}

const FARTHEST = 88
/** The best must be this much nearer than the next that stands elsewhere. */
const RATIO = 0.9
/** Corners of several scales stand at one place: they are no rivals. In pixels. */
const SAME_PLACE = 6

/** The bits of all corners behind each other. */
function packed(features: readonly Feature[]): Int32Array {
  const all = new Int32Array(features.length * WORDS)
  features.forEach(({ bits }, i) => all.set(bits, i * WORDS))
  return all
}

/** How many bits differ. Counting: H. Warren, "Hacker's Delight", 2nd ed., 5-1. */
function differing(a: Int32Array, i: number, b: Int32Array, j: number): number {
  let count = 0
  for (let k = 0; k < WORDS; k += 1) {
    let word = a[i + k]! ^ b[j + k]!
    word -= (word >>> 1) & 0x55555555
    word = (word & 0x33333333) + ((word >>> 2) & 0x33333333)
    count += Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
  }
  return count
}

/** Mutual nearest neighbours whose next best is clearly farther, nearest first. */
export function matched(from: readonly Feature[], to: readonly Feature[]): Match[] {
  const [a, b] = [packed(from), packed(to)]
  const distances = new Uint16Array(from.length * to.length)
  const nearestFrom = new Int32Array(to.length).fill(-1)
  const nearestTo = new Int32Array(from.length).fill(-1)
  for (let i = 0; i < from.length; i += 1) {
    for (let j = 0; j < to.length; j += 1) {
      const distance = differing(a, i * WORDS, b, j * WORDS)
      distances[i * to.length + j] = distance
      if (nearestTo[i] === -1 || distance < distances[i * to.length + nearestTo[i]!]!) nearestTo[i] = j
      if (nearestFrom[j] === -1 || distance < distances[nearestFrom[j]! * to.length + j]!) nearestFrom[j] = i
    }
  }
  const found: Match[] = []
  for (let i = 0; i < from.length; i += 1) {
    const j = nearestTo[i]!
    if (j === -1 || nearestFrom[j] !== i) continue
    const distance = distances[i * to.length + j]!
    if (distance <= FARTHEST && distance < RATIO * rival(distances, i, to, to[j]!)) found.push({ from: from[i]!, to: to[j]!, distance })
  }
  return found.sort((a, b) => a.distance - b.distance)
}

function rival(distances: Uint16Array, i: number, to: readonly Feature[], best: Feature): number {
  let next = Infinity
  for (let j = 0; j < to.length; j += 1) {
    const distance = distances[i * to.length + j]!
    if (distance < next && Math.hypot(to[j]!.x - best.x, to[j]!.y - best.y) > SAME_PLACE * best.scale) next = distance
  }
  return next
}
