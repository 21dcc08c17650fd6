/** DJI R-JPEG where an open reading is possible: apparent temperature, before emissivity. The same as `media/radiometry/dji.py`. */
import { type Bytes, joined } from '../bytes'
import { find, stands, viewOf, words } from './bytes'
import { JPEG, segments } from './jpeg'
import { rounded, type Thermogram, Unreadable } from './model'
import { KELVIN } from './planck'

const MARK = '\xff\xd2\xd1\xff'
const SIZES = [[640, 512], [1280, 1024]] as const
const NAMES = ['ambient_c', 'distance_m', 'emissivity', 'humidity_pct', 'reflected_c']

/** Apparent temperatures, undefined when this is no DJI thermal picture. */
export function readDji(data: Bytes): Thermogram | undefined {
  if (!stands(data, JPEG) || find(data, 'DJI', 0, 4096) < 0) return undefined
  const parts: Bytes[] = []
  let info: Bytes | undefined
  for (const [marker, payload] of segments(data)) {
    if (marker === 0xe3) parts.push(payload)
    else if (marker === 0xe4 && !info?.length) info = payload
  }
  const counts = joined(parts)
  if (counts.length === 0 || !info?.length) return undefined
  let values: Record<string, number>
  if (stands(info, `${MARK}iirp`)) values = parameters(info, 32)
  else if (!stands(info, MARK) && find(data, 'MAVIC2-ENTERPRISE-ADVANCED', 0, 4096) >= 0) values = parameters(info, 0)
  else throw new Unreadable('dji_vendor_library')
  const size = SIZES.find(([width, height]) => counts.length === 2 * width * height)
  if (!size) throw new Unreadable('dji_size')
  const [width, height] = size
  // In single precision, as the server does it.
  const kelvin = Math.fround(KELVIN)
  const celsius = new Float32Array(words(counts, 0, width * height, true))
  for (let i = 0; i < celsius.length; i += 1) celsius[i] = Math.fround(celsius[i]! / 64) - kelvin
  return { format: 'dji_rjpeg', width, height, celsius, trust: 'apparent', parameters: values, takenAt: null, raw: null }
}

/** As set in the camera; they are not applied to the apparent temperature. */
function parameters(info: Bytes, at: number): Record<string, number> {
  if (info.length < at + 20) throw new Unreadable('dji_parameters')
  const view = viewOf(info)
  const pairs = NAMES.map((name, i) => [name, view.getFloat32(at + 4 * i, true) * (name === 'humidity_pct' ? 100 : 1)] as const)
  return Object.fromEntries(pairs.filter(([, value]) => value > -1000 && value < 100_000).map(([name, value]) => [name, rounded(value, 3)]))
}
