/** HTI: two joined JPEGs, then u16 width, u16 height and int16 tenths of a degree. The same as `media/radiometry/hti.py`. */
import type { Bytes } from '../bytes'
import { stands, viewOf } from './bytes'
import { end, JPEG } from './jpeg'
import type { Thermogram } from './model'

/** Temperatures behind two joined JPEGs, undefined when what follows is no such matrix: there is no mark to know it by. */
export function readHti(data: Bytes): Thermogram | undefined {
  if (!stands(data, JPEG)) return undefined
  const first = end(data)
  if (first === undefined || !stands(data, JPEG, first)) return undefined
  const at = end(data, first)
  if (at === undefined || at + 4 > data.length) return undefined
  const view = viewOf(data)
  const [width, height] = [view.getUint16(at, true), view.getUint16(at + 2, true)]
  if (width < 16 || width > 1024 || height < 16 || height > 1024 || at + 4 + 2 * width * height > data.length) return undefined
  const celsius = new Float32Array(width * height)
  for (let i = 0; i < celsius.length; i += 1) {
    const tenths = view.getInt16(at + 4 + 2 * i, true)
    if (tenths < -1000 || tenths > 20_000) return undefined
    celsius[i] = tenths / 10
  }
  return { format: 'hti', width, height, celsius, trust: 'exact', parameters: {}, takenAt: null, raw: null }
}
