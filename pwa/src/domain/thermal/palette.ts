/** Colours of temperatures. Pure. */
import { INFERNO, share } from '@/desk/evidence/scale'

export const PALETTES = ['inferno', 'ironbow', 'white_hot', 'black_hot'] as const
export type Palette = (typeof PALETTES)[number]

/** Even steps from cold to hot. */
const STOPS: Record<Palette, readonly string[]> = {
  inferno: INFERNO,
  ironbow: ['#00000a', '#1c0a6b', '#6e0a96', '#b8187c', '#e04a2a', '#f58a0c', '#fdc62e', '#ffffe6'],
  white_hot: ['#000000', '#ffffff'],
  black_hot: ['#ffffff', '#000000'],
}
const STEPS = 256
const NONE = [128, 128, 128] as const

export interface Look {
  palette: Palette
  low: number
  high: number
  /** Pixels at least (or at most) this warm are shown in one colour. */
  isotherm: { at: number; above: boolean } | null
}

/** CSS gradient from the cold end (bottom) to the hot end (top). */
export function gradient(palette: Palette): string {
  return `linear-gradient(to top, ${STOPS[palette].join(', ')})`
}

function channel(color: string, at: number): number {
  return Number.parseInt(color.slice(1 + 2 * at, 3 + 2 * at), 16)
}

/** 256 colours as red, green, blue behind each other. */
export function colours(palette: Palette): Uint8Array {
  const stops = STOPS[palette]
  const table = new Uint8Array(3 * STEPS)
  for (let i = 0; i < STEPS; i += 1) {
    const place = (i / (STEPS - 1)) * (stops.length - 1)
    const below = Math.min(Math.floor(place), stops.length - 2)
    for (let c = 0; c < 3; c += 1) {
      const [a, b] = [channel(stops[below]!, c), channel(stops[below + 1]!, c)]
      table[3 * i + c] = Math.round(a + (b - a) * (place - below))
    }
  }
  return table
}

/** Whether a pixel belongs to the isotherm; one without a temperature never does. */
export function within(c: number, isotherm: Look['isotherm']): boolean {
  return isotherm !== null && (isotherm.above ? c >= isotherm.at : c <= isotherm.at)
}

/** How much of the picture lies in the isotherm, in % with one decimal. */
export function shareWithin(celsius: Float32Array, isotherm: Look['isotherm']): number {
  const inside = celsius.reduce((sum, c) => sum + (within(c, isotherm) ? 1 : 0), 0)
  return Math.round((1000 * inside) / celsius.length) / 10
}

const ISOTHERM = [66, 255, 120] as const

/** The picture's pixels as red, green, blue, opaque; grey where there is no temperature. */
export function painted(celsius: Float32Array, look: Look): Uint8ClampedArray<ArrayBuffer> {
  const table = colours(look.palette)
  const pixels = new Uint8ClampedArray(4 * celsius.length)
  for (let i = 0; i < celsius.length; i += 1) {
    const c = celsius[i]!
    const inside = within(c, look.isotherm)
    const step = Number.isNaN(c) ? -1 : 3 * Math.round(share(c, look.low, look.high) * (STEPS - 1))
    for (let n = 0; n < 3; n += 1) pixels[4 * i + n] = step < 0 ? NONE[n]! : inside ? ISOTHERM[n]! : table[step + n]!
    pixels[4 * i + 3] = 255
  }
  return pixels
}

/** The span that shows most: without the coldest half per cent, which on the sky lies far below everything else. */
export function fitting(celsius: Float32Array): { low: number; high: number } {
  const valid = celsius.filter((c) => !Number.isNaN(c)).sort()
  const low = valid[Math.floor(0.005 * (valid.length - 1))] ?? 0
  return { low, high: Math.max(valid.at(-1) ?? 1, low + 0.1) }
}
