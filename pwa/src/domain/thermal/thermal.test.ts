import { readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import { read } from '@/media/radiometry'
import type { Matrix } from '@/media/radiometry/measure'
import judged from '@vectors/dlt664.json'

import { begun, compared, endOf, freeLabel, grabbed, hotSpots, type Mark, moved, reading, sized } from './marks'
import { colours, fitting, painted, PALETTES, shareWithin } from './palette'

const width = 40
const height = 30
const matrix: Matrix = { width, height, celsius: Float32Array.from({ length: width * height }, (_, i) => 20 + (i % width) / 10) }
matrix.celsius[5 * width + 30] = 90
matrix.celsius[5 * width + 31] = 88
matrix.celsius[25 * width + 8] = 60
matrix.celsius[0] = NaN

describe('marks', () => {
  test('a spot counts by its mean, a line and a box by their highest', () => {
    expect(reading(matrix, { label: 'A', tool: 'spot', at: [30, 5] }).c).toBeCloseTo((90 + 88 + 23 * 7 - 0.1 * 3 + 0.1 * 2) / 9, 1)
    expect(reading(matrix, { label: 'A', tool: 'line', at: [0, 5, 39, 5] })).toMatchObject({ c: 90, hot: { x: 30, y: 5 }, invalid: 0 })
    expect(reading(matrix, { label: 'A', tool: 'box', at: [39, 29, 0, 0] })).toMatchObject({ c: 90, hot: { x: 30, y: 5 }, invalid: 1 })
  })

  test('a tap makes a line or box of a size that a glove can move, inside the picture', () => {
    expect(sized(begun('box', 'A', { x: 1, y: 29 }), matrix).at).toEqual([0, 26, 4, 29])
    expect(sized(begun('line', 'A', { x: 20, y: 10 }), matrix).at).toEqual([17, 10, 23, 10])
    expect(sized(begun('spot', 'A', { x: 1, y: 2 }), matrix).at).toEqual([1, 2])
    const drawn: Mark = { label: 'A', tool: 'line', at: [0, 0, 9, 9] }
    expect(sized(drawn, matrix)).toBe(drawn)
  })

  test('the nearest end is taken hold of, and nothing leaves the picture', () => {
    const marks: Mark[] = [{ label: 'A', tool: 'line', at: [2, 2, 20, 2] }, { label: 'B', tool: 'spot', at: [22, 4] }]
    expect(grabbed(marks, { x: 19, y: 2 }, 5)).toEqual({ index: 0, handle: 1 })
    expect(grabbed(marks, { x: 22, y: 3 }, 5)).toEqual({ index: 1, handle: 0 })
    expect(grabbed(marks, { x: 35, y: 25 }, 5)).toBeUndefined()
    expect(moved(marks[0]!, 1, 100, -9, matrix).at).toEqual([2, 2, 39, 0])
    expect(moved(marks[0]!, -1, -9, 3, matrix).at).toEqual([0, 5, 18, 5])
    expect(moved(marks[1]!, 0, 0, 99, matrix).at).toEqual([22, 29])
    expect(endOf(marks[0]!, 1)).toEqual({ x: 20, y: 2 })
  })

  test('labels go round the phases, then count', () => {
    const usual = ['A', 'B', 'C']
    const mark = (label: string): Mark => ({ label, tool: 'spot', at: [0, 0] })
    expect(freeLabel([], usual, String)).toBe('A')
    expect(freeLabel([mark('A'), mark('C')], usual, String)).toBe('B')
    expect(freeLabel([mark('A'), mark('B'), mark('C')], usual, (n) => `#${n}`)).toBe('#4')
  })
})

describe('three phases beside each other', () => {
  const phases = [{ label: 'A', c: 86.42 }, { label: 'B', c: 38.1 }, { label: 'C', c: 39.04 }]
  test('each with its difference to the hottest and δ', () => {
    expect(compared(phases, 12)).toEqual([
      { label: 'A', c: 86.4, below: 0, delta: null },
      { label: 'B', c: 38.1, below: 48.3, delta: 64.9 },
      { label: 'C', c: 39, below: 47.4, delta: 63.7 },
    ])
  })
  test.each(judged.cases.filter(({ output }) => output.delta_pct !== null && output.error === null).map((one) => [one.name, one] as const))('%s: δ beside is the judgement’s', (_name, { input, output }) => {
    const found = compared(input.points.map(({ label, temp_c: c }) => ({ label, c })), input.ambient_c)
    expect(found.find(({ label, below }) => label === output.ref?.label && below > 0)?.delta ?? 0).toBe(output.delta_pct)
  })
  test('without the ambient temperature there is no δ, and none where nothing is warmer', () => {
    expect(compared(phases, null).map(({ delta }) => delta)).toEqual([null, null, null])
    expect(compared(phases, 90).map(({ delta }) => delta)).toEqual([null, null, null])
    expect(compared(phases, 38.5).map(({ delta }) => delta)).toEqual([null, null, 99])
    expect(compared([], 12)).toEqual([])
  })
})

test('hot spots stand apart, the hottest first, and a cold corner is none', () => {
  expect(hotSpots(matrix).map(({ x, y, c }) => [x, y, c])).toEqual([[30, 5, 90], [8, 25, 60]])
  const flat = { width: 3, height: 2, celsius: new Float32Array(6).fill(20) }
  expect(hotSpots(flat)).toHaveLength(1)
  expect(hotSpots({ ...flat, celsius: new Float32Array(6).fill(NaN) })).toEqual([])
})

describe('colours', () => {
  test('every palette goes from its first to its last colour', () => {
    for (const palette of PALETTES) expect(colours(palette)).toHaveLength(768)
    expect([...colours('white_hot').slice(0, 3), ...colours('white_hot').slice(-3)]).toEqual([0, 0, 0, 255, 255, 255])
    expect([...colours('black_hot').slice(0, 3)]).toEqual([255, 255, 255])
  })
  test('what has no temperature is grey, what the isotherm takes in is green', () => {
    const pixels = painted(Float32Array.of(NaN, 10, 30), { palette: 'white_hot', low: 10, high: 30, isotherm: null })
    expect([...pixels]).toEqual([128, 128, 128, 255, 0, 0, 0, 255, 255, 255, 255, 255])
    const above = painted(Float32Array.of(NaN, 10, 30), { palette: 'white_hot', low: 10, high: 30, isotherm: { at: 30, above: true } })
    expect([...above.slice(8, 11)]).toEqual([66, 255, 120])
    expect([...above.slice(0, 3)]).toEqual([128, 128, 128])
    const below = painted(Float32Array.of(10, 30), { palette: 'white_hot', low: 10, high: 30, isotherm: { at: 12, above: false } })
    expect([...below.slice(0, 3), ...below.slice(4, 7)]).toEqual([66, 255, 120, 255, 255, 255])
  })
  test('the isotherm’s share counts every pixel, those without a temperature as outside', () => {
    const four = Float32Array.of(NaN, 10, 20, 30)
    expect(shareWithin(four, { at: 20, above: true })).toBe(50)
    expect(shareWithin(four, { at: 10, above: false })).toBe(25)
    expect(shareWithin(four, null)).toBe(0)
  })
  test('the span leaves out the coldest of the sky and is never nothing', () => {
    const sky = new Float32Array(1000).fill(20)
    sky[0] = -70
    sky[1] = 31
    expect(fitting(sky)).toEqual({ low: 20, high: 31 })
    expect(fitting(new Float32Array(4).fill(5)).high).toBeCloseTo(5.1)
  })
})

test('a real picture reads as another reader says: box, hottest place', async () => {
  const samples = new URL('../../../../tests/samples/', import.meta.url)
  const known = JSON.parse(readFileSync(new URL('expected.json', samples), 'utf8')).files['thermal-parser/FLIR_T640.jpg'].temperature_celsius.independent_fff_reader
  const data = readFileSync(new URL('thermal-parser/FLIR_T640.jpg', samples))
  const picture = (await read(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer))!
  const { x0, y0, x1, y1, min, max, mean } = known.box
  const found = reading(picture, { label: 'A', tool: 'box', at: [x0, y0, x1 - 1, y1 - 1] })
  if (found.tool !== 'box') throw new Error(found.tool)
  for (const [is, wanted] of [[found.c, max], [found.all.min_c, min], [found.all.mean_c, mean], [hotSpots(picture)[0]?.c, known.max]]) expect(Math.abs(is - wanted)).toBeLessThan(0.05)
  const [hottest] = hotSpots(picture)
  expect([hottest?.x, hottest?.y]).toEqual(known.max_at)
})
