/**
 * Spot, line and box on a matrix of °C, and the picture under other conditions. Pure; the same as
 * `media/radiometry/measure.py`, both answer `tests/vectors/radiometry.json`.
 *
 * x is the column, y the row, from 0; ends and corners belong to what is measured. Pixels without a temperature do not
 * count and are counted.
 */
import { type Thermogram, withinReach } from './model'
import { celsius } from './planck'

export interface Matrix {
  width: number
  height: number
  celsius: Float32Array
}

export interface Place {
  x: number
  y: number
}

/** One pixel, and the mean of the 3 × 3 around it: a single pixel may be noise. */
export interface Spot {
  c: number | null
  mean_c: number | null
  invalid: number
}

/** The pixels from one end to the other, one for each step along the longer direction. */
export interface Line {
  profile: (number | null)[]
  min_c: number | null
  max_c: number | null
  mean_c: number | null
  max_at: [x: number, y: number] | null
  invalid: number
}

/** p95: 95 of 100 valid pixels are not warmer (between two pixels linear). `max_at`: the first in reading order. */
export interface Box {
  min_c: number | null
  max_c: number | null
  mean_c: number | null
  p95_c: number | null
  max_at: [x: number, y: number] | null
  pixels: number
  invalid: number
}

export type Condition = 'emissivity' | 'distance_m' | 'reflected_c' | 'atmospheric_c' | 'humidity_pct'
export type Conditions = Partial<Record<Condition, number>>

export const CONDITION_LIMITS: Record<Condition, { min: number; max: number }> = {
  emissivity: { min: 0.01, max: 1 },
  distance_m: { min: 0, max: 1000 },
  reflected_c: { min: -100, max: 1000 },
  atmospheric_c: { min: -60, max: 80 },
  humidity_pct: { min: 0, max: 100 },
}

/** RangeError outside the matrix; at its edge the mean takes what is there. */
export function spot(matrix: Matrix, x: number, y: number): Spot {
  const own = at(matrix, x, y)
  const around: number[] = []
  let pixels = 0
  for (let row = Math.max(y - 1, 0); row <= Math.min(y + 1, matrix.height - 1); row += 1) {
    for (let column = Math.max(x - 1, 0); column <= Math.min(x + 1, matrix.width - 1); column += 1) {
      pixels += 1
      const c = at(matrix, column, row)
      if (!Number.isNaN(c)) around.push(c)
    }
  }
  return { c: Number.isNaN(own) ? null : own, mean_c: mean(around), invalid: pixels - around.length }
}

/** RangeError when an end lies outside the matrix. */
export function line(matrix: Matrix, x0: number, y0: number, x1: number, y1: number): Line {
  const places = between(x0, y0, x1, y1)
  const values = places.map(([x, y]) => at(matrix, x, y))
  const valid = values.filter((c) => !Number.isNaN(c))
  const max = valid.length > 0 ? Math.max(...valid) : null
  return {
    profile: values.map((c) => (Number.isNaN(c) ? null : c)),
    min_c: valid.length > 0 ? Math.min(...valid) : null,
    max_c: max,
    mean_c: mean(valid),
    max_at: max === null ? null : places[values.indexOf(max)]!,
    invalid: values.length - valid.length,
  }
}

/** Two opposite corners in any order; RangeError when one lies outside the matrix. */
export function box(matrix: Matrix, x0: number, y0: number, x1: number, y1: number): Box {
  at(matrix, x0, y0)
  at(matrix, x1, y1)
  const [left, right, top, bottom] = [Math.min(x0, x1), Math.max(x0, x1), Math.min(y0, y1), Math.max(y0, y1)]
  const pixels = (right - left + 1) * (bottom - top + 1)
  const valid = new Float32Array(pixels)
  let [count, sum, hottest] = [0, 0, -Infinity]
  let maxAt: [number, number] | null = null
  for (let y = top; y <= bottom; y += 1) {
    for (let x = left; x <= right; x += 1) {
      const c = matrix.celsius[y * matrix.width + x]!
      if (Number.isNaN(c)) continue
      valid[count] = c
      count += 1
      sum += c
      if (c > hottest) [hottest, maxAt] = [c, [x, y]]
    }
  }
  const sorted = valid.subarray(0, count).sort()
  return {
    min_c: sorted[0] ?? null,
    max_c: sorted.at(-1) ?? null,
    mean_c: count > 0 ? sum / count : null,
    p95_c: count > 0 ? share(sorted, 0.95) : null,
    max_at: maxAt,
    pixels,
    invalid: pixels - count,
  }
}

/**
 * The same picture under other conditions; the file's own hold where none is given. RangeError for a value that no
 * measurement can have, and Error where the file holds finished temperatures.
 */
export function adjusted(thermogram: Thermogram, conditions: Conditions): Thermogram {
  if (!thermogram.raw) throw new Error('finished temperatures cannot be changed afterwards')
  for (const [name, value] of Object.entries(conditions) as [Condition, number][]) {
    const { min, max } = CONDITION_LIMITS[name]
    if (!(value >= min && value <= max)) throw new RangeError(name)
  }
  const { humidity_pct: humidity, ...rest } = conditions
  const camera = { ...thermogram.raw.camera, ...rest, ...(humidity === undefined ? {} : { humidity: humidity / 100 }) }
  const matrix = celsius(thermogram.raw.counts, camera)
  withinReach(matrix)
  return { ...thermogram, celsius: matrix, parameters: { ...thermogram.parameters, ...conditions }, raw: { ...thermogram.raw, camera } }
}

/** The hottest and the coldest pixel; undefined when none holds a temperature. */
export function extremes(matrix: Matrix): { hot: Place & { c: number }; cold: Place & { c: number } } | undefined {
  let [hot, cold] = [-1, -1]
  matrix.celsius.forEach((c, i) => {
    if (Number.isNaN(c)) return
    if (hot < 0 || c > matrix.celsius[hot]!) hot = i
    if (cold < 0 || c < matrix.celsius[cold]!) cold = i
  })
  const place = (i: number) => ({ x: i % matrix.width, y: Math.floor(i / matrix.width), c: matrix.celsius[i]! })
  return hot < 0 ? undefined : { hot: place(hot), cold: place(cold) }
}

function at(matrix: Matrix, x: number, y: number): number {
  if (!(x >= 0 && x < matrix.width && y >= 0 && y < matrix.height)) throw new RangeError(`${x},${y}`)
  return matrix.celsius[y * matrix.width + x]!
}

function mean(valid: readonly number[]): number | null {
  return valid.length > 0 ? valid.reduce((sum, c) => sum + c, 0) / valid.length : null
}

/** The value below which this share of the sorted values lies. */
function share(sorted: Float32Array, part: number): number {
  const place = part * (sorted.length - 1)
  const low = Math.floor(place)
  const [below, above] = [sorted[low]!, sorted[Math.min(low + 1, sorted.length - 1)]!]
  return below + (above - below) * (place - low)
}

function between(x0: number, y0: number, x1: number, y1: number): [number, number][] {
  const n = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0))
  const step = (start: number, end: number, i: number) => (n === 0 ? start : Math.floor((2 * (start * n + (end - start) * i) + n) / (2 * n)))
  return Array.from({ length: n + 1 }, (_, i) => [step(x0, x1, i), step(y0, y1, i)])
}
