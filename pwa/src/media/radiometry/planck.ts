/** From a FLIR camera's raw counts to °C by the long Planck form. The same as `media/radiometry/planck.py`. */
export const KELVIN = 273.15

/** Calibration and object parameters. Temperatures in °C, humidity as a fraction, distance in metres. */
export interface Camera {
  r1: number
  r2: number
  b: number
  f: number
  o: number
  alpha1: number
  alpha2: number
  beta1: number
  beta2: number
  x: number
  emissivity: number
  distance_m: number
  reflected_c: number
  atmospheric_c: number
  window_c: number
  window_transmission: number
  humidity: number
}

/** The equation has no answer for these parameters: an overflow, a division by zero, the root of a negative number. */
export class Impossible extends Error {}

function exp(power: number): number {
  const value = Math.exp(power)
  if (value === Infinity && power !== Infinity) throw new Impossible()
  return value
}

function root(value: number): number {
  if (value < 0) throw new Impossible()
  return Math.sqrt(value)
}

function quotient(above: number, below: number): number {
  if (below === 0) throw new Impossible()
  return above / below
}

/** Object temperature for each count; NaN where the equation has no answer. Impossible when it has none for any. */
export function celsius(counts: Uint16Array, camera: Camera): Float32Array {
  const tau = transmission(camera)
  const { emissivity, window_transmission: window } = camera
  const through = emissivity * tau * window * tau
  const offset =
    ((1 - emissivity) / emissivity) * radiance(camera.reflected_c, camera) +
    quotient((1 - tau) / emissivity, tau) * radiance(camera.atmospheric_c, camera) +
    (quotient((1 - window) / emissivity, tau) / window) * radiance(camera.window_c, camera) +
    quotient(1 - tau, through) * radiance(camera.atmospheric_c, camera)
  const one = (count: number): number => {
    const signal = count / through - offset + camera.o
    return signal <= 0 ? NaN : camera.b / Math.log(camera.r1 / (camera.r2 * signal) + camera.f) - KELVIN
  }
  let [lowest, highest] = [0xffff, 0]
  for (const count of counts) {
    if (count < lowest) lowest = count
    if (count > highest) highest = count
  }
  // A picture holds far fewer different counts than pixels: each is worked out once.
  const table = new Float32Array(Math.max(0, highest - lowest + 1))
  for (let i = 0; i < table.length; i += 1) table[i] = one(lowest + i)
  const found = new Float32Array(counts.length)
  for (let i = 0; i < counts.length; i += 1) found[i] = table[counts[i]! - lowest]!
  return found
}

/** What the detector counts for a black body of that temperature. */
export function radiance(temperatureC: number, camera: Camera): number {
  const warmth = exp(quotient(camera.b, temperatureC + KELVIN))
  return quotient(camera.r1, camera.r2 * (warmth - camera.f)) - camera.o
}

/** Share of the radiation that passes half the distance of air. */
export function transmission(camera: Camera): number {
  const t = camera.atmospheric_c
  const water = camera.humidity * exp(1.5587 + 0.06939 * t - 0.00027816 * t ** 2 + 0.00000068455 * t ** 3)
  const path = root(camera.distance_m / 2)
  const decay = (alpha: number, beta: number) => exp(-path * (alpha + beta * root(water)))
  return camera.x * decay(camera.alpha1, camera.beta1) + (1 - camera.x) * decay(camera.alpha2, camera.beta2)
}
