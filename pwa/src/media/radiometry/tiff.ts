/** Grey TIFF of 16 bits, not packed, in strips. The same as `_tiff` in `media/radiometry/flir.py`. */
import { type Bytes, joined } from '../bytes'
import { viewOf, words } from './bytes'
import { Unreadable } from './model'
import type { Counts } from './png'

const TAGS = new Set([256, 257, 258, 259, 273, 277, 279])
const MAX_STRIPS = 65_536

export function readTiff(body: Bytes): Counts {
  const little = body[0] === 0x49
  const tags = readTags(body, little)
  const only = (tag: number, missing: number): number => {
    const values = tags.get(tag) ?? [missing]
    if (values.length !== 1) throw new Unreadable('flir_raw_picture')
    return values[0]!
  }
  const [width, height] = [only(256, 0), only(257, 0)]
  if (only(258, 1) !== 16 || only(259, 1) !== 1 || only(277, 1) !== 1) throw new Unreadable('flir_raw_depth')
  const [starts, lengths] = [tags.get(273) ?? [], tags.get(279) ?? []]
  const total = lengths.reduce((sum, length) => sum + length, 0)
  if (!width || !height || starts.length !== lengths.length || starts.some((start, i) => start + lengths[i]! > body.length)) throw new Unreadable('flir_raw_size')
  if (total < 2 * width * height || total > body.length) throw new Unreadable('flir_raw_size')
  const packed = joined(starts.map((start, i) => body.subarray(start, start + lengths[i]!)))
  return { width, height, counts: words(packed, 0, width * height, little) }
}

/** What the first directory says of the matrix; numbers are u16 or u32. */
function readTags(body: Bytes, little: boolean): Map<number, number[]> {
  const view = viewOf(body)
  const fail = (): never => {
    throw new Unreadable('flir_raw_picture')
  }
  if (body.length < 8) fail()
  const at = view.getUint32(4, little)
  if (at + 2 > body.length) fail()
  const entries = view.getUint16(at, little)
  if (at + 2 + 12 * entries > body.length) fail()
  const found = new Map<number, number[]>()
  for (let entry = at + 2; entry < at + 2 + 12 * entries; entry += 12) {
    const [tag, kind, count] = [view.getUint16(entry, little), view.getUint16(entry + 2, little), view.getUint32(entry + 4, little)]
    if (!TAGS.has(tag) || found.has(tag) || (kind !== 3 && kind !== 4)) continue
    const wide = kind === 3 ? 2 : 4
    const place = wide * count > 4 ? view.getUint32(entry + 8, little) : entry + 8
    if (count > MAX_STRIPS || place + wide * count > body.length) fail()
    found.set(tag, Array.from({ length: count }, (_, i) => (kind === 3 ? view.getUint16(place + 2 * i, little) : view.getUint32(place + 4 * i, little))))
  }
  return found
}
