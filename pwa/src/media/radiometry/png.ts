/** Grey PNG of 16 bits as FLIR cameras store their counts: a canvas would give 8 bits. Anything else is refused. */
import { type Bytes, joined } from '../bytes'
import { stands, viewOf } from './bytes'
import { Unreadable } from './model'

export interface Counts {
  width: number
  height: number
  counts: Uint16Array
}

const MAX_PIXELS = 4_000_000
const MAX_UNPACKED = 32 // times the packed size; thermal noise packs to a half at best
const PIECE = 16_384

/** Counts in the PNG's own byte order (big-endian). Unreadable when it is damaged, of another kind, or claims too much. */
export async function readPng(body: Bytes): Promise<Counts> {
  if (body.length < 33) throw new Unreadable('flir_raw_picture')
  const view = viewOf(body)
  const [width, height] = [view.getUint32(16), view.getUint32(20)]
  if (!width || !height || width * height > Math.min(MAX_PIXELS, Math.floor((MAX_UNPACKED * body.length) / 2))) throw new Unreadable('flir_raw_size')
  if (body[24] !== 16 || body[25] !== 0 || body[28] !== 0) throw new Unreadable('flir_raw_depth')
  const packed = stream(body)
  const line = 2 * width
  const rows = await inflated(packed, height * (line + 1))
  unfilter(rows, line, height)
  const counts = new Uint16Array(width * height)
  for (let y = 0; y < height; y += 1) {
    let at = y * (line + 1) + 1
    for (let i = y * width; i < (y + 1) * width; i += 1, at += 2) counts[i] = (rows[at]! << 8) | rows[at + 1]!
  }
  return { width, height, counts }
}

/** The IDAT chunks behind each other. Checksums count up to the first; from there on the packed data must hold itself. */
function stream(body: Bytes): Bytes {
  if (!stands(body, '\x89PNG\r\n\x1a\n')) throw new Unreadable('flir_raw_picture')
  const view = viewOf(body)
  const parts: Bytes[] = []
  for (let at = 8; at + 8 <= body.length;) {
    const length = view.getUint32(at)
    const found = stands(body, 'IDAT', at + 4)
    if (!found && parts.length > 0) break
    if (found) parts.push(body.subarray(at + 8, Math.min(at + 8 + length, body.length)))
    else if (at + 12 + length > body.length || crc32(body.subarray(at + 4, at + 8 + length)) !== view.getUint32(at + 8 + length)) throw new Unreadable('flir_raw_picture')
    at += 12 + length
  }
  return joined(parts)
}

/** Exactly `size` bytes, with the checksum right; what would come out beyond them is never unpacked. */
async function inflated(packed: Bytes, size: number): Promise<Bytes> {
  const out = new Uint8Array(size)
  let [given, filled] = [0, 0]
  const source = new ReadableStream<Bytes>({
    pull(control) {
      if (given >= packed.length) return control.close()
      control.enqueue(packed.slice(given, given + PIECE))
      given += PIECE
    },
  })
  const reader = source.pipeThrough(new DecompressionStream('deflate')).getReader()
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      if (piece.value.length > size - filled) throw new Error('more than the picture has')
      out.set(piece.value, filled)
      filled += piece.value.length
    }
  } catch {
    filled = -1
  }
  if (filled === size) return out
  reader.cancel().catch(() => undefined) // it has failed already
  throw new Unreadable('flir_raw_picture')
}

/** Undoes the five row filters in place; two bytes a pixel. */
function unfilter(rows: Bytes, line: number, height: number): void {
  for (let y = 0; y < height; y += 1) {
    const start = y * (line + 1) + 1
    const above = start - line - 1
    const kind = rows[start - 1]!
    if (kind > 4) throw new Unreadable('flir_raw_picture')
    for (let i = 0; kind > 0 && i < line; i += 1) {
      const left = i >= 2 ? rows[start + i - 2]! : 0
      const up = y > 0 ? rows[above + i]! : 0
      const corner = i >= 2 && y > 0 ? rows[above + i - 2]! : 0
      rows[start + i]! += kind === 1 ? left : kind === 2 ? up : kind === 3 ? (left + up) >> 1 : paeth(left, up, corner)
    }
  }
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)]
  return a <= b && a <= c ? left : b <= c ? up : corner
}

let table: Uint32Array | undefined

function crc32(data: Bytes): number {
  table ??= Uint32Array.from({ length: 256 }, (_, n) => {
    let value = n
    for (let k = 0; k < 8; k += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1
    return value
  })
  let crc = 0xffffffff
  for (const byte of data) crc = table[(crc ^ byte) & 255]! ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}
