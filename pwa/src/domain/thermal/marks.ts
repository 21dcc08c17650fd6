/** Marks on a thermal picture and what they read. Pure. */
import { tenth } from '@/domain/infrared/rules'
import { type Box, box, type Line, line, type Matrix, type Place, type Spot, spot } from '@/media/radiometry/measure'

export type Tool = 'spot' | 'line' | 'box'

export interface Mark {
  label: string
  tool: Tool
  /** Pixel of a spot, both ends of a line, two corners of a box. */
  at: number[]
}

export const MOST = 12

/** What a mark says: the temperature that counts (a spot's mean of 3 × 3, the highest of a line or box) and all the rest. */
export type Reading = { c: number | null; hot: Place | null; invalid: number } & ({ tool: 'spot'; all: Spot } | { tool: 'line'; all: Line } | { tool: 'box'; all: Box })

export function reading(matrix: Matrix, mark: Mark): Reading {
  const [x0, y0, x1, y1] = mark.at as [number, number, number, number]
  if (mark.tool === 'spot') {
    const all = spot(matrix, x0, y0)
    return { tool: 'spot', all, c: all.mean_c, hot: { x: x0, y: y0 }, invalid: all.invalid }
  }
  const all = mark.tool === 'line' ? line(matrix, x0, y0, x1, y1) : box(matrix, x0, y0, x1, y1)
  const hot = all.max_at && { x: all.max_at[0], y: all.max_at[1] }
  return { tool: mark.tool, all, c: all.max_c, hot, invalid: all.invalid } as Reading
}

/** A new mark where the finger came down; a line or box begins there and follows. */
export function begun(tool: Tool, label: string, { x, y }: Place): Mark {
  return { label, tool, at: tool === 'spot' ? [x, y] : [x, y, x, y] }
}

/** A line or box that was only tapped gets a size that can be seen and moved. */
export function sized(mark: Mark, { width, height }: Matrix): Mark {
  const [x0, y0, x1, y1] = mark.at as [number, number, number, number]
  if (mark.tool === 'spot' || Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0)) > 2) return mark
  const half = Math.max(2, Math.round(Math.min(width, height) / 10))
  const tall = mark.tool === 'box' ? half : 0
  return { ...mark, at: [clamp(x0 - half, width), clamp(y0 - tall, height), clamp(x0 + half, width), clamp(y0 + tall, height)] }
}

/** The mark's end `handle`, or all of it for -1, moved; it stays inside the picture. */
export function moved(mark: Mark, handle: number, dx: number, dy: number, { width, height }: Matrix): Mark {
  const pairs = [mark.at.slice(0, 2), mark.at.slice(2, 4)].filter((pair) => pair.length === 2) as [number, number][]
  const chosen = handle < 0 ? pairs : [pairs[handle]!]
  const within = (by: number, values: number[], size: number) => Math.min(Math.max(by, -Math.min(...values)), size - 1 - Math.max(...values))
  const stepX = within(dx, chosen.map(([x]) => x), width)
  const stepY = within(dy, chosen.map(([, y]) => y), height)
  return { ...mark, at: pairs.flatMap(([x, y], i) => (handle < 0 || i === handle ? [x + stepX, y + stepY] : [x, y])) }
}

/** Where a mark's end stands. */
export function endOf({ at }: Mark, handle: number): Place {
  return { x: at[2 * handle]!, y: at[2 * handle + 1]! }
}

/** The mark and its end nearest to a place, within `reach` pixels. */
export function grabbed(marks: readonly Mark[], { x, y }: Place, reach: number): { index: number; handle: number } | undefined {
  let best: { index: number; handle: number; far: number } | undefined
  marks.forEach((mark, index) => {
    for (let handle = 0; 2 * handle < mark.at.length; handle += 1) {
      const far = Math.hypot(mark.at[2 * handle]! - x, mark.at[2 * handle + 1]! - y)
      if (far <= reach && (!best || far < best.far)) best = { index, handle, far }
    }
  })
  return best && { index: best.index, handle: best.handle }
}

/** The first of the usual names that no mark has, else one with a number. */
export function freeLabel(marks: readonly Mark[], usual: readonly string[], numbered: (n: number) => string): string {
  const taken = new Set(marks.map((mark) => mark.label))
  return usual.find((label) => !taken.has(label)) ?? numbered(marks.length + 1)
}

export interface Compared {
  label: string
  c: number
  /** K below the hottest; 0 for the hottest itself. */
  below: number
  /** Relative difference of the hottest to this one in %; null for the hottest, and where the surroundings are unknown or warmer. */
  delta: number | null
}

/** Points beside each other: how much colder than the hottest, and δ against the surroundings. */
export function compared(points: readonly { label: string; c: number }[], ambient: number | null | undefined): Compared[] {
  const rounded = points.map(({ label, c }) => ({ label, c: tenth(c) }))
  const hot = Math.max(...rounded.map(({ c }) => c))
  const first = rounded.findIndex(({ c }) => c === hot)
  const rise = typeof ambient === 'number' ? tenth(hot - tenth(ambient)) : 0
  return rounded.map(({ label, c }, i) => ({
    label,
    c,
    below: tenth(hot - c),
    delta: i === first || typeof ambient !== 'number' || rise <= 0 || c < tenth(ambient) ? null : tenth(((hot - c) / (hot - tenth(ambient))) * 100),
  }))
}

/** The warmest places, each at least `apart` pixels from the others and warmer than the picture's mean by 2 K; the hottest always. */
export function hotSpots(matrix: Matrix, most = 3): (Place & { c: number })[] {
  const { width, height, celsius } = matrix
  const apart = Math.max(4, Math.round(Math.min(width, height) / 8))
  const mean = box(matrix, 0, 0, width - 1, height - 1).mean_c
  const found: (Place & { c: number })[] = []
  while (found.length < most) {
    let best = -1
    for (let i = 0; i < celsius.length; i += 1) {
      if (!(celsius[i]! > (best < 0 ? -Infinity : celsius[best]!))) continue
      const [x, y] = [i % width, Math.floor(i / width)]
      if (found.every((spot) => Math.hypot(spot.x - x, spot.y - y) > apart)) best = i
    }
    if (best < 0 || (found.length > 0 && celsius[best]! < (mean ?? 0) + 2)) break
    found.push({ x: best % width, y: Math.floor(best / width), c: celsius[best]! })
  }
  return found
}

function clamp(value: number, size: number): number {
  return Math.min(Math.max(value, 0), size - 1)
}
