/** UNI-T bitmap: a byte for each pixel between the stored lowest and highest temperature. The same as `media/radiometry/unit.py`. */
import type { Bytes } from '../bytes'
import { stands, viewOf } from './bytes'
import { rounded, type Thermogram, Unreadable } from './model'

const PALETTE = 512
const SCALE = 26
const STEPS = 254

/** Temperatures in steps of a 254th of the scale, undefined when nothing stands behind the bitmap's pixels. */
export function readUnit(data: Bytes): Thermogram | undefined {
  if (!stands(data, 'BM') || data.length < 54) return undefined
  const view = viewOf(data)
  const [start, width, height, depth] = [view.getUint32(10, true), view.getInt32(18, true), view.getInt32(22, true), view.getUint16(28, true)]
  if (depth !== 24 || width < 16 || width > 1024 || height < 16 || height > 1024) return undefined
  const at = start + Math.floor((3 * width + 3) / 4) * 4 * height
  if (data.length !== at + width * height + PALETTE + SCALE) return undefined
  const scale = data.length - SCALE
  const fahrenheit = data[scale] !== 0
  const degrees = (place: number) => {
    const tenths = view.getInt16(place, true) / 10
    return fahrenheit ? (tenths - 32) / 1.8 : tenths
  }
  const [high, low] = [degrees(scale + 1), degrees(scale + 3)]
  if (!(low < high)) throw new Unreadable('unit_scale')
  const celsius = new Float32Array(data.subarray(at, at + width * height))
  for (let i = 0; i < celsius.length; i += 1) celsius[i] = celsius[i]! <= STEPS ? low + (celsius[i]! / STEPS) * (high - low) : NaN
  return {
    format: 'uni_t',
    width,
    height,
    celsius,
    trust: 'approximate',
    parameters: { emissivity: data[scale + 9]! / 100, scale_low_c: rounded(low, 1), scale_high_c: rounded(high, 1) },
    takenAt: null,
    raw: null,
  }
}
