/** Walking through a JPEG without decoding it. The same as `media/radiometry/jpeg.py`. */
import type { Bytes } from '../bytes'
import { stands } from './bytes'

export const JPEG = '\xff\xd8'

/** Marker and payload of each segment up to the start of scan; stops quietly where the file is cut. */
export function* segments(data: Bytes): Generator<[marker: number, payload: Bytes]> {
  let at = 2
  while (at + 4 <= data.length && data[at] === 0xff) {
    const marker = data[at + 1]!
    if (marker === 0xff) {
      at += 1 // fill byte
      continue
    }
    if (marker === 0xd9 || marker === 0xda) return
    const length = (data[at + 2]! << 8) | data[at + 3]!
    if (length < 2 || at + 2 + length > data.length) return
    yield [marker, data.subarray(at + 4, at + 2 + length)]
    at += 2 + length
  }
}

/** Position just after the end mark of the JPEG that begins at `start`; undefined when it is cut. */
export function end(data: Bytes, start = 0): number | undefined {
  let at = start + 2
  while (at + 4 <= data.length && data[at] === 0xff) {
    const marker = data[at + 1]!
    if (marker === 0xff) {
      at += 1
      continue
    }
    if (marker === 0xd9) return at + 2
    at += 2 + ((data[at + 2]! << 8) | data[at + 3]!)
    if (marker === 0xda) {
      const found = nextMarker(data, at)
      if (found < 0) return undefined
      at = found
    }
  }
  return stands(data, '\xff\xd9', at) ? at + 2 : undefined
}

/** The next FF that is neither stuffing nor a restart mark. */
function nextMarker(data: Bytes, from: number): number {
  for (let at = data.indexOf(0xff, from); at >= 0 && at + 1 < data.length; at = data.indexOf(0xff, at + 1)) {
    const next = data[at + 1]!
    if ((next >= 0x01 && next <= 0xcf) || (next >= 0xd8 && next <= 0xfe)) return at
  }
  return -1
}
