/** The phone reads the same temperatures out of the same files as the server does. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { describe, expect, test } from 'vitest'

import vectors from '@vectors/radiometry.json'

import { read } from './index'
import { adjusted, box, type Conditions, extremes, line, type Matrix, spot } from './measure'
import { type Thermogram, Unreadable } from './model'

const TOLERANCE_K = 0.05
const files = Object.entries(vectors.files as unknown as Record<string, Facts>)
const samples = new URL('../../../../tests/samples/', import.meta.url)
const expected = JSON.parse(readFileSync(new URL('expected.json', samples), 'utf8')) as {
  files: Record<string, { temperature_celsius?: Record<string, Known> }>
}

interface Known {
  width: number
  height: number
  min: number
  max: number
  mean: number
  nonfinite?: number
  points?: Record<string, [number, number, number | null]>
}

interface Facts {
  none?: boolean
  reason?: string
  format?: string
  width?: number
  height?: number
  min?: number
  max?: number
  mean?: number
  invalid?: number
  trust?: string
  adjustable?: boolean
  hot?: { x: number; y: number; c: number }
  cold?: { x: number; y: number; c: number }
  parameters?: Record<string, unknown>
  taken_at?: string | null
  points?: [number, number, number | null][]
}

function sample(name: string): Uint8Array<ArrayBuffer> {
  const data = readFileSync(fileURLToPath(new URL(name, samples)))
  return new Uint8Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer)
}

async function outcome(data: Uint8Array<ArrayBuffer>): Promise<Thermogram | Facts> {
  try {
    return (await read(data.buffer)) ?? { none: true }
  } catch (error) {
    if (error instanceof Unreadable) return { reason: error.reason }
    throw error
  }
}

function near(value: number | null | undefined, wanted: number | null | undefined, what: string): void {
  if (wanted == null) expect(value ?? NaN, what).toBeNaN()
  else expect(Math.abs((value ?? NaN) - wanted), `${what}: ${value} for ${wanted}`).toBeLessThanOrEqual(TOLERANCE_K)
}

function alike(found: Thermogram | Facts, wanted: Facts): void {
  if (!('celsius' in found)) return expect(found).toEqual(wanted)
  const whole = box(found, 0, 0, found.width - 1, found.height - 1)
  expect({ format: found.format, width: found.width, height: found.height, trust: found.trust, invalid: whole.invalid, adjustable: found.raw !== null, taken_at: found.takenAt })
    .toEqual({ format: wanted.format, width: wanted.width, height: wanted.height, trust: wanted.trust, invalid: wanted.invalid, adjustable: wanted.adjustable, taken_at: wanted.taken_at })
  near(whole.min_c, wanted.min, 'min')
  near(whole.max_c, wanted.max, 'max')
  near(whole.mean_c, wanted.mean, 'mean')
  const { hot, cold } = extremes(found)!
  expect([hot.x, hot.y, cold.x, cold.y]).toEqual([wanted.hot?.x, wanted.hot?.y, wanted.cold?.x, wanted.cold?.y])
  for (const [x, y, c] of wanted.points ?? []) near(found.celsius[y * found.width + x], c, `${x},${y}`)
  expect(Object.keys(found.parameters).sort()).toEqual(Object.keys(wanted.parameters ?? {}).sort())
  for (const [name, value] of Object.entries(wanted.parameters ?? {})) {
    if (typeof value === 'number') expect(found.parameters[name], name).toBeCloseTo(value, 2)
    else expect(found.parameters[name], name).toBe(value)
  }
}

describe('files of real cameras', () => {
  test.each(files)('%s reads as on the server', async (name, wanted) => {
    alike(await outcome(sample(name)), wanted)
  })

  const READERS = ['independent_fff_reader', 'state_grid_layout', 'hti_layout', 'app3_over_64_apparent']
  const others = files.flatMap(([name]) =>
    Object.entries(expected.files[name]?.temperature_celsius ?? {}).filter(([reader]) => READERS.includes(reader)).map(([reader, known]) => [name, reader, known] as const),
  )
  test('twenty of them are known from other readers', () => expect(others.length).toBe(20))
  test.each(others)('%s agrees with %s', async (name, _reader, known) => {
    const found = (await read(sample(name).buffer))!
    const whole = box(found, 0, 0, found.width - 1, found.height - 1)
    expect([found.width, found.height, whole.invalid]).toEqual([known.width, known.height, known.nonfinite])
    near(whole.min_c, known.min, 'min')
    near(whole.max_c, known.max, 'max')
    near(whole.mean_c, known.mean, 'mean')
    for (const [x, y, c] of Object.values(known.points ?? {})) near(found.celsius[y * found.width + x], c, `${x},${y}`)
  })
})

describe('files made by hand', () => {
  test.each(vectors.made.map((one) => [one.name, one] as const))('%s', async (_name, { base64, output }) => {
    alike(await outcome(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))), output as unknown as Facts)
  })
})

describe('damaged files', () => {
  test.each(vectors.hurt.map((one, n) => [`${one.file} ${n}`, one] as const))('%s ends as on the server', async (_name, { file, length, edits, output }) => {
    const data = sample(file).slice(0, length)
    for (const [at, value] of edits as [number, number][]) data[at] = value
    alike(await outcome(data), output as unknown as Facts)
  })

  test('any cut of any real file ends in temperatures or a reason', async () => {
    for (const name of Object.keys(vectors.files)) {
      const data = sample(name)
      for (const part of [0.001, 0.1, 0.5, 0.9, 0.999]) await outcome(data.slice(0, Math.floor(data.length * part)))
    }
  })
})

describe('other conditions', () => {
  test.each(vectors.adjusted.map((one) => [`${one.file} ${JSON.stringify(one.conditions)}`, one] as const))('%s', async (_name, { file, conditions, output }) => {
    const found = adjusted((await read(sample(file).buffer))!, conditions as Conditions)
    alike(found, output as unknown as Facts)
  })

  test('finished temperatures cannot be changed, nor can any be set to what no measurement has', async () => {
    const power = (await read(sample('state-grid-synthetic/sg_full.jpg').buffer))!
    expect(() => adjusted(power, { emissivity: 0.9 })).toThrow(/afterwards/)
    const flir = (await read(sample('thermal-parser/FLIR_E40.jpg').buffer))!
    for (const wrong of [{ emissivity: 0 }, { emissivity: 1.01 }, { distance_m: -1 }, { humidity_pct: NaN }]) expect(() => adjusted(flir, wrong)).toThrow(RangeError)
  })
})

describe('measuring', () => {
  const matrix = (name: string): Matrix => {
    const rows = (vectors.matrices as Record<string, (number | null)[][]>)[name]!
    return { width: rows[0]!.length, height: rows.length, celsius: Float32Array.from(rows.flat(), (c) => c ?? NaN) }
  }
  /** Equal to the fourth digit, which may be rounded either way. */
  const equal = (found: unknown, wanted: unknown, path = ''): void => {
    if (typeof wanted === 'number') expect(found, path).toBeCloseTo(wanted, 3)
    else if (wanted && typeof wanted === 'object') {
      expect(Object.keys(found as object), path).toEqual(Object.keys(wanted))
      for (const [key, inner] of Object.entries(wanted)) equal((found as Record<string, unknown>)[key], inner, `${path}.${key}`)
    } else expect(found, path).toBe(wanted)
  }
  test.each(vectors.measured.map((one) => [`${one.tool} ${one.matrix} ${one.at.join()}`, one] as const))('%s', (_name, { matrix: name, tool, at, output }) => {
    const [x0, y0, x1, y1] = at as [number, number, number, number]
    const found = tool === 'spot' ? spot(matrix(name), x0, y0) : tool === 'line' ? line(matrix(name), x0, y0, x1, y1) : box(matrix(name), x0, y0, x1, y1)
    equal(found, output)
  })
  test('nothing outside the picture is measured', () => {
    for (const [x, y] of [[-1, 0], [0, -1], [7, 0], [0, 5]] as const) {
      expect(() => spot(matrix('slope'), x, y)).toThrow(RangeError)
      expect(() => line(matrix('slope'), x, y, 0, 0)).toThrow(RangeError)
      expect(() => box(matrix('slope'), 0, 0, x, y)).toThrow(RangeError)
    }
  })
})
