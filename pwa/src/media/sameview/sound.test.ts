import { describe, expect, it } from 'vitest'

import { laid, type Pair, type Plane } from './plane'
import { drawing } from './random'
import { isSound } from './sound'

const SIZE = { width: 320, height: 240 }
const PLANE: Plane = [1.1, -0.1, 12, 0.1, 1.05, -8, 0.0002, -0.0001, 1]

/** Squares of a part of the picture where the map puts them, each off by up to `by` pixels. */
function found(n: number, [left, top, right, bottom]: readonly [number, number, number, number], by: number): Pair[] {
  const random = drawing(n)
  return Array.from({ length: n }, () => {
    const [x, y] = [left + (right - left) * random(), top + (bottom - top) * random()]
    const [u, v] = laid(PLANE, x, y)
    return { x, y, u: u + (2 * random() - 1) * by, v: v + (2 * random() - 1) * by }
  })
}
const sound = (pairs: readonly Pair[]) => isSound(PLANE, pairs, SIZE, SIZE)

describe('a map is believed', () => {
  it('when what follows it stands all over the picture, or over half of it', () => {
    expect(sound(found(80, [10, 10, 310, 230], 0.5))).toBe(true)
    expect(sound(found(80, [10, 10, 160, 230], 0.3))).toBe(true)
  })

  it('not when all stands on one sticker, in one row, or nothing follows', () => {
    expect(sound(found(80, [40, 40, 130, 110], 0.1))).toBe(false)
    expect(sound(found(80, [10, 100, 310, 130], 0.1))).toBe(false)
    expect(sound(found(80, [10, 10, 310, 230], 0.5).map((pair) => ({ ...pair, u: pair.u + 4 })))).toBe(false)
    expect(sound(found(30, [10, 10, 310, 230], 0.1))).toBe(false)
  })

  it('not when its halves tell maps that differ by more than 2 per cent of the width', () => {
    expect(sound(found(44, [10, 10, 150, 115], 1.4))).toBe(false)
  })
})
