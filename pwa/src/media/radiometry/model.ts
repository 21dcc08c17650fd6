/** A matrix of temperatures and what is known about it. The same as `media/radiometry/model.py`. */
import type { Camera } from './planck'

export type Trust = 'exact' | 'apparent' | 'approximate'
export type Format = 'power_industry' | 'flir_fff' | 'dji_rjpeg' | 'hti' | 'uni_t'

/** What the detector counted, and the camera's calibration with the conditions as set in it. */
export interface Raw {
  counts: Uint16Array
  camera: Camera
}

/**
 * Temperatures in °C, row by row from the top left; NaN where there is none.
 *
 * exact: as the camera would show them. apparent: before correction for emissivity. approximate: taken back from the
 * picture's colours. `raw` is there where conditions can be changed afterwards.
 */
export interface Thermogram {
  format: Format
  width: number
  height: number
  celsius: Float32Array
  trust: Trust
  parameters: Readonly<Record<string, number | string>>
  /** ISO 8601; without a zone where the file gives none. */
  takenAt: string | null
  raw: Raw | null
}

/** The file claims to hold temperatures, but they cannot be trusted or read. `reason` is a code of the server's list. */
export class Unreadable extends Error {
  constructor(readonly reason: string) {
    super(reason)
    this.name = 'Unreadable'
  }
}

const COLDEST_C = -150
const HOTTEST_C = 3000 // no thermal camera measures beyond

/** What lies beyond every camera's reach becomes NaN, in place; the number of pixels that hold a temperature. */
export function withinReach(celsius: Float32Array): number {
  let valid = 0
  for (let i = 0; i < celsius.length; i += 1) {
    const value = celsius[i]!
    if (value >= COLDEST_C && value <= HOTTEST_C) valid += 1
    else celsius[i] = NaN
  }
  return valid
}

/** Without the fields that are null. */
export function known(values: Record<string, number | string | null | undefined>): Record<string, number | string> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, number | string] => entry[1] != null))
}

export function rounded(value: number, digits: number): number {
  const scale = 10 ** digits
  return Math.round(value * scale) / scale
}
