import { describe, expect, test } from 'vitest'

import { area, copySize, fields, headOf, meant, placedIn, type Shape } from './shapes'

const size = { width: 2048, height: 1536 }
const shape = (tool: Shape['tool'], ...at: [number, number, number, number]): Shape => ({ tool, at })

describe('a copy', () => {
  test('keeps the shape of the picture, lying or upright, and is never larger than it', () => {
    expect(copySize({ width: 4032, height: 3024 })).toEqual({ width: 2048, height: 1536 })
    expect(copySize({ width: 3024, height: 4032 })).toEqual({ width: 1536, height: 2048 })
    expect(copySize({ width: 640, height: 480 })).toEqual({ width: 640, height: 480 })
    expect(copySize({ width: 9000, height: 1 })).toEqual({ width: 2048, height: 1 })
  })
})

describe('a mark', () => {
  test('of a touch by mistake is none', () => {
    expect(meant(shape('arrow', 10, 10, 20, 20), size)).toBe(false)
    expect(meant(shape('arrow', 10, 10, 10, 60), size)).toBe(true)
    expect(meant(shape('box', 10, 10, 400, 12), size)).toBe(false)
    expect(meant({ tool: 'text', at: [1, 1, 1, 1], text: '  ' }, size)).toBe(false)
    expect(meant({ tool: 'text', at: [1, 1, 1, 1], text: '锈' }, size)).toBe(true)
  })
  test('drawn from any corner, and past the edge, covers the same area', () => {
    expect(area(shape('blur', 300, 200, 100, 50), size)).toEqual({ x: 100, y: 50, w: 200, h: 150 })
    expect(area(shape('box', -40, 1500, 2100, 1600), size)).toEqual({ x: 0, y: 1500, w: 2048, h: 36 })
  })
  test('that blurs leaves four fields along its short side', () => {
    expect(fields(800, 200)).toEqual({ across: 16, down: 4 })
    expect(fields(200, 800)).toEqual({ across: 4, down: 16 })
    expect(fields(1, 1)).toEqual({ across: 1, down: 1 })
  })
  test('drawn on a photo stands at the same place of a smaller view of it', () => {
    expect(placedIn({ shapes: [shape('box', 100, 200, 300, 400)], tool: 'box', width: 2048 }, 1024)).toEqual([shape('box', 50, 100, 150, 200)])
  })
  test('that is an arrow has its head at the end', () => {
    const [a, b] = headOf([0, 0, 100, 0], 20)
    expect(a[0]).toBeCloseTo(b[0])
    expect(a[1]).toBeCloseTo(-b[1])
    expect(a[0]).toBeLessThan(100)
  })
})
