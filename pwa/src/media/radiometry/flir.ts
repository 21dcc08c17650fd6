/** FLIR FFF: raw counts and the camera's record, in a JPEG's APP1 segments or bare. The same as `media/radiometry/flir.py`. */
import { type Bytes, joined } from '../bytes'
import { printable, stands, viewOf, words } from './bytes'
import { segments } from './jpeg'
import { known, rounded, type Thermogram, Unreadable } from './model'
import { type Camera, celsius, Impossible, KELVIN } from './planck'
import { type Counts, readPng } from './png'
import { readTiff } from './tiff'

const MAGIC = ['FFF\0', 'AFF\0']

/** Temperatures of an FFF file or of the JPEG that carries one; undefined when there is none. */
export async function readFlir(data: Bytes): Promise<Thermogram | undefined> {
  const fff = MAGIC.some((magic) => stands(data, magic)) ? data : inSegments(data)
  return fff && readFff(fff)
}

/** The FFF that was cut into APP1 segments: "FLIR\0", version, chunk number, last chunk number. */
function inSegments(data: Bytes): Bytes | undefined {
  const chunks = new Map<number, Bytes>()
  let last = 0
  for (const [marker, payload] of segments(data)) {
    if (marker !== 0xe1 || payload.length <= 8 || !stands(payload, 'FLIR\0')) continue
    if (chunks.has(payload[6]!)) throw new Unreadable('flir_chunk_twice')
    chunks.set(payload[6]!, payload.subarray(8))
    last = payload[7]!
  }
  if (chunks.size === 0) return undefined
  const parts = Array.from({ length: last + 1 }, (_, number) => chunks.get(number))
  if (chunks.size !== parts.length || parts.includes(undefined)) throw new Unreadable('flir_chunk_missing')
  return joined(parts as Bytes[])
}

async function readFff(fff: Bytes): Promise<Thermogram> {
  if (!MAGIC.some((magic) => stands(fff, magic)) || fff.length < 64) throw new Unreadable('flir_header')
  const records = directory(fff)
  const [raw, info] = [records.get(0x01), records.get(0x20)]
  if (!raw || !info) throw new Unreadable('flir_record_missing')
  if (info.length < 0x390) throw new Unreadable('flir_camera_record')
  const camera = readCamera(info)
  const { width, height, counts } = await readCounts(raw)
  const matrix = temperatures(counts, camera)
  return {
    format: 'flir_fff',
    width,
    height,
    celsius: matrix,
    trust: 'exact',
    parameters: parameters(info, camera, matrix),
    takenAt: moment(info),
    raw: { counts, camera },
  }
}

function temperatures(counts: Uint16Array, camera: Camera): Float32Array {
  try {
    return celsius(counts, camera)
  } catch (error) {
    throw error instanceof Impossible ? new Unreadable('flir_parameters') : error
  }
}

/** First record of each type; records that reach beyond the file are refused. */
function directory(fff: Bytes): Map<number, Bytes> {
  const view = viewOf(fff)
  const version = view.getUint32(0x14)
  const little = version < 100 || version >= 200
  const [start, count] = [view.getUint32(0x18, little), view.getUint32(0x1c, little)]
  if (count > 1000 || start + 32 * count > fff.length) throw new Unreadable('flir_directory')
  const found = new Map<number, Bytes>()
  for (let at = start; at < start + 32 * count; at += 32) {
    const kind = view.getUint16(at, little)
    if ((kind !== 0x01 && kind !== 0x20) || found.has(kind)) continue
    const [offset, length] = [view.getUint32(at + 12, little), view.getUint32(at + 16, little)]
    if (offset + length > fff.length || length < 0x20) throw new Unreadable('flir_record_size')
    found.set(kind, fff.subarray(offset, offset + length))
  }
  return found
}

/** The record begins with the number 2 as u16, in its own byte order. */
function isLittle(record: Bytes): boolean {
  return record[0] !== 0
}

async function readCounts(record: Bytes): Promise<Counts> {
  const little = isLittle(record)
  const view = viewOf(record)
  const [width, height] = [view.getUint16(2, little), view.getUint16(4, little)]
  const body = record.subarray(0x20)
  if (stands(body, '\x89PNG')) return smoother(await readPng(body))
  if (stands(body, 'II*\0') || stands(body, 'MM\0*')) return readTiff(body)
  if (!width || !height || 2 * width * height > body.length) throw new Unreadable('flir_raw_size')
  return { width, height, counts: words(body, 0, width * height, little) }
}

/** PNG bytes are swapped by most cameras, but not by all: a picture's neighbours differ little. */
function smoother(picture: Counts): Counts {
  const swapped = picture.counts.map((count) => (count >> 8) | ((count & 255) << 8))
  return steps(swapped, picture.width) <= steps(picture.counts, picture.width) ? { ...picture, counts: swapped } : picture
}

function steps(counts: Uint16Array, width: number): number {
  let sum = 0
  for (let i = 1; i < counts.length; i += 1) if (i % width) sum += Math.abs(counts[i]! - counts[i - 1]!)
  return sum
}

function readCamera(info: Bytes): Camera {
  const little = isLittle(info)
  const view = viewOf(info)
  const number = (at: number): number => {
    const value = view.getFloat32(at, little)
    if (!Number.isFinite(value)) throw new Unreadable('flir_parameters')
    return value
  }
  const humidity = number(0x3c)
  const camera: Camera = {
    emissivity: number(0x20),
    distance_m: Math.max(number(0x24), 0),
    reflected_c: number(0x28) - KELVIN,
    atmospheric_c: number(0x2c) - KELVIN,
    window_c: number(0x30) - KELVIN,
    window_transmission: number(0x34),
    humidity: humidity > 2 ? humidity / 100 : humidity,
    r1: number(0x58),
    b: number(0x5c),
    f: number(0x60),
    alpha1: number(0x70),
    alpha2: number(0x74),
    beta1: number(0x78),
    beta2: number(0x7c),
    x: number(0x80),
    o: view.getInt32(0x308, little),
    r2: number(0x30c),
  }
  const { emissivity, window_transmission: window } = camera
  if (!(emissivity > 0 && emissivity <= 1 && window > 0 && window <= 1 && camera.r1 > 0 && camera.r2 > 0)) throw new Unreadable('flir_parameters')
  return camera
}

function parameters(info: Bytes, camera: Camera, matrix: Float32Array): Record<string, number | string> {
  const view = viewOf(info)
  const [high, low] = [0x90, 0x94].map((at) => view.getFloat32(at, isLittle(info)) - KELVIN) as [number, number]
  const ranged = Number.isFinite(low) && Number.isFinite(high) && low < high
  const count = (outside: (c: number) => boolean) => matrix.reduce((sum, c) => sum + (outside(c) ? 1 : 0), 0)
  return known({
    emissivity: rounded(camera.emissivity, 4),
    distance_m: rounded(camera.distance_m, 2),
    reflected_c: rounded(camera.reflected_c, 2),
    atmospheric_c: rounded(camera.atmospheric_c, 2),
    humidity_pct: rounded(camera.humidity * 100, 1),
    window_c: rounded(camera.window_c, 2),
    window_transmission: rounded(camera.window_transmission, 4),
    model: text(info.subarray(0xd4, 0xf4)),
    serial: text(info.subarray(0x104, 0x114)),
    range_low_c: ranged ? rounded(low, 1) : null,
    range_high_c: ranged ? rounded(high, 1) : null,
    below_range: ranged ? count((c) => c < low) : null,
    above_range: ranged ? count((c) => c > high) : null,
  })
}

function text(raw: Bytes): string | null {
  return printable(Array.from(raw, (byte) => (byte < 128 ? String.fromCharCode(byte) : '\ufffd')).join(''))
}

/** As `datetime.isoformat` writes it, with the camera's own zone. */
function moment(info: Bytes): string | null {
  const little = isLittle(info)
  const view = viewOf(info)
  const [seconds, milliseconds, west] = [view.getUint32(0x384, little), view.getUint32(0x388, little) & 0xffff, view.getInt16(0x38c, little)]
  if (!seconds || Math.abs(west) > 14 * 60) return null
  const local = new Date(seconds * 1000 + milliseconds - west * 60_000).toISOString()
  const two = (value: number) => String(value).padStart(2, '0')
  const zone = `${west > 0 ? '-' : '+'}${two(Math.floor(Math.abs(west) / 60))}:${two(Math.abs(west) % 60)}`
  return `${local.slice(0, 19)}${local.slice(20, 23) === '000' ? '' : `.${local.slice(20, 23)}000`}${zone}`
}
