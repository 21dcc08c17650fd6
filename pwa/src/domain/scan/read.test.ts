/** Labels as they are found: dirty, bent, dim. Each is made from a true code and a seed. */
import { readFile } from 'node:fs/promises'

import { beforeAll, describe, expect, test } from 'vitest'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import { prepareZXingModule as prepareWriter, writeBarcode } from 'zxing-wasm/writer'

import { LOOKED_FOR } from './read'

type Picture = { width: number; height: number; data: Uint8ClampedArray<ArrayBuffer> }

const bytes = async (name: string) => (await readFile(new URL(`../../../node_modules/zxing-wasm/dist/${name}`, import.meta.url))).buffer as ArrayBuffer

beforeAll(async () => {
  prepareZXingModule({ overrides: { wasmBinary: await bytes('reader/zxing_reader.wasm') } })
  prepareWriter({ overrides: { wasmBinary: await bytes('writer/zxing_writer.wasm') } })
})

/** Mulberry32: the same seed, the same dirt. */
function chance(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const WIDTH = 640
const HEIGHT = 480

/** The label in the middle of a grey wall, as grey values 0–255. */
async function label(text: string, format: 'QRCode' | 'Code128'): Promise<Float32Array> {
  const { symbol } = await writeBarcode(text, { format, options: format === 'QRCode' ? 'ecLevel=M' : '' })
  const one = format === 'QRCode'
  const scale = Math.floor((one ? 300 : 500) / symbol.width)
  const wall = new Float32Array(WIDTH * HEIGHT).fill(150)
  const tall = one ? symbol.height * scale : 160
  const [left, top] = [Math.floor((WIDTH - symbol.width * scale) / 2), Math.floor((HEIGHT - tall) / 2)]
  const quiet = (one ? 4 : 10) * scale
  for (let y = -quiet; y < tall + quiet; y++)
    for (let x = -quiet; x < symbol.width * scale + quiet; x++) {
      const inside = x >= 0 && y >= 0 && x < symbol.width * scale && y < tall
      const row = one ? Math.floor(y / scale) : 0
      const value = inside ? (symbol.data[row * symbol.width + Math.floor(x / scale)] as number) : 255
      const [px, py] = [left + x, top + y]
      if (px >= 0 && py >= 0 && px < WIDTH && py < HEIGHT) wall[py * WIDTH + px] = value
    }
  return wall
}

/** Mud and scratches over a share of the label. */
function dirty(from: Float32Array, share: number, random: () => number): Float32Array {
  const to = from.slice()
  const spots = Math.round((share * 300 * 300) / (Math.PI * 49))
  for (let spot = 0; spot < spots; spot++) {
    const [cx, cy, tone] = [170 + random() * 300, 90 + random() * 300, random() < 0.5 ? 60 : 190]
    for (let y = -7; y <= 7; y++)
      for (let x = -7; x <= 7; x++) if (x * x + y * y <= 49) to[Math.round(cy + y) * WIDTH + Math.round(cx + x)] = tone
  }
  return to
}

/** Wrapped around a pole: `arc` degrees of it are seen over the picture's width; and held askew. */
function bent(from: Float32Array, arc: number, tilt: number): Float32Array {
  const to = new Float32Array(from.length)
  const half = (arc / 2) * (Math.PI / 180)
  const [cos, sin] = [Math.cos((tilt * Math.PI) / 180), Math.sin((tilt * Math.PI) / 180)]
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++) {
      const [u, v] = [x - WIDTH / 2, y - HEIGHT / 2]
      const [rx, ry] = [u * cos + v * sin, v * cos - u * sin]
      const flat = (Math.asin(Math.max(-1, Math.min(1, (rx / (WIDTH / 2)) * Math.sin(half)))) / half) * (WIDTH / 2)
      const [sx, sy] = [Math.round(flat + WIDTH / 2), Math.round(ry + HEIGHT / 2)]
      to[y * WIDTH + x] = sx < 0 || sy < 0 || sx >= WIDTH || sy >= HEIGHT ? 150 : from[sy * WIDTH + sx]!
    }
  return to
}

/** In a cellar: little light, little contrast, the sensor's noise. */
function dim(from: Float32Array, contrast: number, noise: number, random: () => number): Float32Array {
  return from.map((value) => 18 + value * contrast + (random() + random() + random() - 1.5) * noise)
}

function blurred(from: Float32Array): Float32Array {
  const to = from.slice()
  for (let y = 1; y < HEIGHT - 1; y++)
    for (let x = 1; x < WIDTH - 1; x++) {
      let sum = 0
      for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) sum += from[(y + dy) * WIDTH + x + dx]!
      to[y * WIDTH + x] = sum / 9
    }
  return to
}

function picture(grey: Float32Array): Picture {
  const data = new Uint8ClampedArray(grey.length * 4)
  grey.forEach((value, i) => data.set([value, value, value, 255], i * 4))
  return { width: WIDTH, height: HEIGHT, data }
}

const KINDS = {
  'dirty QR': async (random: () => number) => dirty(await label(`CG-10-${Math.floor(random() * 1000)}`, 'QRCode'), 0.03, random),
  'bent QR': async (random: () => number) => bent(await label(`CG-10-${Math.floor(random() * 1000)}`, 'QRCode'), 60 + random() * 50, random() * 60 - 30),
  'dim QR': async (random: () => number) => dim(blurred(await label(`CG-10-${Math.floor(random() * 1000)}`, 'QRCode')), 0.12, 8, random),
  'bent barcode': async (random: () => number) => bent(await label(`CG10${Math.floor(random() * 1000)}`, 'Code128'), 40 + random() * 30, random() * 20 - 10),
  'dim barcode': async (random: () => number) => dim(await label(`CG10${Math.floor(random() * 1000)}`, 'Code128'), 0.15, 6, random),
}

describe('labels as they are found', () => {
  test.each(Object.entries(KINDS))('%s: 18 of 20 are read, and none wrongly', async (_, make) => {
    let right = 0
    for (let seed = 1; seed <= 20; seed++) {
      const number = Math.floor(chance(seed)() * 1000)
      const found = await readBarcodes(picture(await make(chance(seed))) as ImageData, LOOKED_FOR)
      for (const { text } of found) expect([`CG-10-${number}`, `CG10${number}`]).toContain(text)
      if (found.length) right += 1
    }
    expect(right).toBeGreaterThanOrEqual(18)
  })

  test('a wall without a label holds no code', async () => {
    const random = chance(1)
    expect(await readBarcodes(picture(dim(new Float32Array(WIDTH * HEIGHT).fill(150), 1, 40, random)) as ImageData, LOOKED_FOR)).toEqual([])
  })
})
