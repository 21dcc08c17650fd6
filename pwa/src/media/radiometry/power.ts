/** The block of the Chinese power industry behind a JPEG: finished temperatures. The same as `media/radiometry/power.py`. */
import type { Bytes } from '../bytes'
import { printable, stands, viewOf } from './bytes'
import { JPEG } from './jpeg'
import { known, rounded, type Thermogram, Unreadable } from './model'

const MARK = '\x37\x66\x07\x1a\x12\x3a\x4c\x9f\xa9\x5d\x21\xd2\xda\x7d\x26\xbc'
const HEAD = 20
const TAIL = 138
const LAST = MARK.length + 4

/** Temperatures of the block, undefined without one. Nothing is allocated before the sizes fit the file. */
export function readPower(data: Bytes): Thermogram | undefined {
  if (!stands(data, MARK, data.length - MARK.length)) {
    if (stands(data, JPEG) && cutOff(data)) throw new Unreadable('power_block_cut')
    return undefined
  }
  const limit = data.length - LAST
  if (limit < 0) throw new Unreadable('power_block_offset')
  const view = viewOf(data)
  const at = view.getUint32(limit, true)
  if (at + HEAD > limit) throw new Unreadable('power_block_offset')
  if (view.getUint16(at, true) !== 0x0100) throw new Unreadable('power_block_version')
  const [width, height] = [view.getUint16(at + 2, true), view.getUint16(at + 4, true)]
  const matrix = at + HEAD
  const tail = matrix + 4 * width * height
  if (!width || !height || tail + TAIL > limit) throw new Unreadable('power_block_size')
  const note = tail + TAIL
  const noteLength = view.getUint32(note - 4, true)
  if (note + noteLength > limit) throw new Unreadable('power_block_note')
  const celsius = new Float32Array(width * height)
  for (let i = 0; i < celsius.length; i += 1) celsius[i] = view.getFloat32(matrix + 4 * i, true)
  return {
    format: 'power_industry',
    width,
    height,
    celsius,
    trust: 'exact',
    parameters: parameters(data, view, tail, data.subarray(note, note + Math.min(noteLength, 4000))),
    takenAt: moment(String.fromCharCode(...data.subarray(at + 6, at + HEAD))),
    raw: null,
  }
}

function parameters(data: Bytes, view: DataView, tail: number, note: Bytes): Record<string, number | string> {
  const [lon, lat] = [view.getFloat64(tail + 114, true), view.getFloat64(tail + 122, true)]
  const placed = (lon !== 0 || lat !== 0) && Math.abs(lat) <= 90 && Math.abs(lon) <= 180
  return known({
    emissivity: number(view.getFloat32(tail, true)),
    ambient_c: number(view.getFloat32(tail + 4, true)),
    lens_angle_deg: data[tail + 8] || null,
    distance_m: view.getUint32(tail + 9, true) || null,
    humidity_pct: data[tail + 13] || null,
    reflected_c: number(view.getFloat32(tail + 14, true)) || null,
    maker: text(data.subarray(tail + 18, tail + 50)),
    model: text(data.subarray(tail + 50, tail + 82)),
    serial: text(data.subarray(tail + 82, tail + 114)),
    lat: placed ? lat : null,
    lon: placed ? lon : null,
    altitude_m: placed ? view.getInt32(tail + 130, true) : null,
    note: text(note),
  })
}

function number(value: number): number | null {
  return value > -1e6 && value < 1e6 ? rounded(value, 4) : null // false for NaN
}

/** The encoding is not stated: UTF-8 first, then GB18030. */
function text(raw: Bytes): string | null {
  const zero = raw.indexOf(0)
  const bytes = zero < 0 ? raw : raw.subarray(0, zero)
  try {
    return printable(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return printable(new TextDecoder('gb18030').decode(bytes))
  }
}

function moment(digits: string): string | null {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(digits) ?? []
  if (!year) return null
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}`
  const date = new Date(`${iso}Z`)
  return year !== '0000' && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(iso) ? iso : null
}

/** A block whose end was cut off: right behind the JPEG's end stand version, sizes and 14 digits of time. */
function cutOff(data: Bytes): boolean {
  for (let end = data.indexOf(0xff); end >= 0; end = data.indexOf(0xff, end + 1)) {
    if (data[end + 1] !== 0xd9) continue
    for (let at = end + 2; at <= end + 18 && at + 20 <= data.length; at += 1) {
      if (data[at] === 0x00 && data[at + 1] === 0x01 && data.subarray(at + 6, at + 20).every((digit) => digit >= 48 && digit <= 57)) return true
    }
  }
  return false
}
