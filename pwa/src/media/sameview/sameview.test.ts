import { describe, expect, it } from 'vitest'

import { comparedSize, empty, type Grey, sampled } from './grey'
import { LIMIT, sameView } from './index'
import { inverse, laid, type Plane } from './plane'
import { drawing } from './random'

/** The long figures, on real photos, are those of `make prove ONLY=same_view`. */
const WIDTH = 320
const HEIGHT = 240

function painted(picture: Grey, x: number, y: number, w: number, h: number, value: (x: number, y: number) => number): void {
  for (let j = Math.max(0, Math.round(y)); j < Math.min(picture.height, y + h); j += 1) {
    for (let i = Math.max(0, Math.round(x)); i < Math.min(picture.width, x + w); i += 1) picture.data[j * picture.width + i] = value(i, j)
  }
}

/** Stones of many sizes on plaster. */
function wall(seed: number): Grey {
  const random = drawing(seed)
  const picture = empty(WIDTH * 2, HEIGHT * 2)
  picture.data.fill(130)
  for (let n = 0; n < 900; n += 1) {
    const grey = 60 + 140 * random()
    painted(picture, random() * picture.width, random() * picture.height, 3 + 40 * random() ** 3, 3 + 30 * random() ** 3, () => grey)
  }
  return speckled(picture, seed, 6)
}

function speckled(picture: Grey, seed: number, by: number): Grey {
  const random = drawing(seed ^ 0x5eed)
  return { ...picture, data: picture.data.map((value) => value + (random() + random() - 1) * by) }
}

/** A meter box: the lid and the windows of its type, letters, scratches and dirt of its own, on a wall. */
function box(type: number, own: number, around: number): Grey {
  const picture = wall(around)
  const [kind, mine] = [drawing(type), drawing(own)]
  painted(picture, 130, 60, 380, 340, () => 190)
  for (let n = 0; n < 9; n += 1) {
    const [x, y, w, h, grey] = [140 + 260 * kind(), 70 + 230 * kind(), 40 + 70 * kind(), 40 + 60 * kind(), 40 + 180 * kind()]
    painted(picture, x, y, w, h, () => grey)
    painted(picture, x + 6, y + 6, w - 12, (h - 12) / 2, () => 255 - grey)
  }
  for (let n = 0; n < 160; n += 1) {
    const grey = 30 + 200 * mine()
    painted(picture, 130 + 370 * mine(), 60 + 330 * mine(), 2 + 12 * mine(), 2 + 8 * mine(), () => grey)
  }
  return picture
}

/** Turn in degrees, size, shift as a share, tilt; of the small picture. */
function view(turn: number, size: number, dx: number, dy: number, tilt = 0): Plane {
  const [cos, sin] = [size * Math.cos((turn * Math.PI) / 180), size * Math.sin((turn * Math.PI) / 180)]
  const [cx, cy] = [WIDTH / 2, HEIGHT / 2]
  return [cos + tilt * cx, -sin, cx - cos * cx + sin * cy + dx * WIDTH - tilt * cx * cx, sin, cos, cy - sin * cx - cos * cy + dy * HEIGHT, tilt, 0, 1 - tilt * cx]
}

/** What a camera at `plane` sees of the scene, in other light. */
function seen(scene: Grey, plane: Plane, seed: number, contrast = 1): Grey {
  const picture = empty(WIDTH, HEIGHT)
  const back = inverse(plane)!
  for (let y = 0; y < HEIGHT; y += 1) {
    for (let x = 0; x < WIDTH; x += 1) {
      const [u, v] = laid(back, x, y)
      let sum = 0
      for (const [i, j] of [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]] as const) sum += sampled(scene, (u + i) * 2 - 0.5, (v + j) * 2 - 0.5)
      picture.data[y * WIDTH + x] = (sum / 4 - 128) * contrast + 128 + 10 * (1 - contrast)
    }
  }
  return speckled(picture, seed, 4)
}

const HERE = view(0, 1, 0, 0)
const SCENE = box(1, 2, 3)
const BEFORE = seen(SCENE, HERE, 4)
const CORNERS = [[0, 0], [1, 0], [1, 1], [0, 1]] as const

/** How far the worst corner lands off, in widths. */
function off(found: Plane | undefined, plane: Plane): number {
  if (!found) return Infinity
  return Math.max(...CORNERS.map(([x, y]) => {
    const [u, v] = laid(found, x, y)
    const [tu, tv] = laid(plane, x * WIDTH - 0.5, y * HEIGHT - 0.5)
    return Math.hypot(u * WIDTH - 0.5 - tu, v * HEIGHT - 0.5 - tv) / WIDTH
  }))
}

describe('the same view', () => {
  it.each([
    ['turned and nearer', view(-15, 1.4, 0.05, 0)],
    ['turned the other way, farther and beside', view(15, 0.7, 0.2, -0.1)],
    ['shifted by a quarter', view(4, 1, 0.25, 0.1)],
    ['from the side', view(6, 0.95, -0.05, 0.05, 0.0008)],
  ])('is laid on the photo before within 2 per cent of the width: %s', (_, plane) => {
    const found = sameView(BEFORE, seen(SCENE, plane, 5, 0.7))
    expect(off(found.plane, plane)).toBeLessThan(0.02)
    expect(found.score).toBeGreaterThan(LIMIT)
  })

  it('stays the same view when a part was repaired', () => {
    const later = box(1, 2, 3)
    painted(later, 200, 120, 170, 140, (x) => 60 + (x % 40))
    const found = sameView(BEFORE, seen(later, view(3, 1.05, 0.03, 0.02), 6, 1.2))
    expect(found).toMatchObject({ verdict: 'same', moves: [] })
  })

  it('is no box of the same type on another wall', () => {
    const scores = Array.from({ length: 3 }, (_, n) => sameView(seen(box(n, 20 + n, 40 + n), HERE, 4), seen(box(n, 60 + n, 80 + n), view(2, 1.03, 0.02, 0), 7)).score)
    expect(Math.max(...scores)).toBeLessThan(LIMIT)
  })

  it('is no other smooth box with the same sticker: a sticker is too little', () => {
    const smooth = (seed: number) => {
      const picture = speckled({ ...empty(WIDTH * 2, HEIGHT * 2), data: new Float32Array(WIDTH * HEIGHT * 4).fill(170) }, seed, 3)
      const random = drawing(9)
      for (let n = 0; n < 240; n += 1) {
        const grey = 20 + 220 * random()
        painted(picture, 60 + 160 * random(), 50 + 110 * random(), 2 + 14 * random(), 2 + 10 * random(), () => grey)
      }
      return picture
    }
    const found = sameView(seen(smooth(1), HERE, 4), seen(smooth(2), view(3, 1.05, 0.03, 0.02), 5))
    expect(found).toEqual({ score: 0, overlap: 0, verdict: 'other', moves: [] })
  })

  it('is nothing else, and no wall without a mark', () => {
    const blank = { width: WIDTH, height: HEIGHT, data: new Float32Array(WIDTH * HEIGHT).fill(90) }
    expect(sameView(BEFORE, seen(wall(99), HERE, 4)).verdict).toBe('other')
    expect(sameView(blank, blank)).toEqual({ score: 0, overlap: 0, verdict: 'other', moves: [] })
    expect(sameView(empty(2, 1), seen(wall(1), HERE, 4)).verdict).toBe('other')
  })

  it.each([
    ['left', view(0, 1, -0.2, 0)],
    ['up', view(0, 1, 0, -0.2)],
    ['closer', view(0, 0.75, 0, 0)],
    ['turn_right', view(14, 1, 0, 0)],
  ])('says how to move: %s', (move, plane) => {
    const found = sameView(BEFORE, seen(SCENE, plane, 5))
    expect(found).toMatchObject({ verdict: 'move', moves: [move] })
  })

  it('is judged alike each time', () => {
    const after = seen(SCENE, view(5, 1.1, 0.1, 0), 5)
    expect(sameView(BEFORE, after)).toEqual(sameView(BEFORE, after))
  })

  it('is worked out on pictures of at most 320 px', () => {
    expect(comparedSize(4032, 3024)).toEqual({ width: 320, height: 240 })
    expect(comparedSize(100, 50)).toEqual({ width: 100, height: 50 })
  })
})
