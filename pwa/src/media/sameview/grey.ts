/** Small grey pictures. Pure. */

/** Row by row, one number a pixel, 0–255. */
export interface Grey {
  width: number
  height: number
  data: Float32Array
}

/** Long side of what is compared, in pixels. */
export const LONG_SIDE_PX = 320

export function empty(width: number, height: number): Grey {
  return { width, height, data: new Float32Array(width * height) }
}

/** From a canvas's red, green, blue, alpha; weights of ITU-R BT.601. */
export function fromRgba(rgba: Uint8ClampedArray, width: number, height: number): Grey {
  const grey = empty(width, height)
  for (let i = 0, at = 0; i < grey.data.length; i += 1, at += 4) grey.data[i] = 0.299 * rgba[at]! + 0.587 * rgba[at + 1]! + 0.114 * rgba[at + 2]!
  return grey
}

/** The size of a picture that is compared: its long side is at most `LONG_SIDE_PX`. */
export function comparedSize(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, LONG_SIDE_PX / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

/** Between the four pixels around a place; at the rim the last pixel goes on. */
export function sampled({ data, width, height }: Grey, x: number, y: number): number {
  const cx = x < 0 ? 0 : x > width - 1 ? width - 1 : x
  const cy = y < 0 ? 0 : y > height - 1 ? height - 1 : y
  const x0 = Math.floor(cx)
  const fx = cx - x0
  const fy = cy - Math.floor(cy)
  const upper = Math.floor(cy) * width + x0
  const lower = cy < height - 1 ? upper + width : upper
  const right = cx < width - 1 ? 1 : 0
  return (data[upper]! * (1 - fx) + data[upper + right]! * fx) * (1 - fy) + (data[lower]! * (1 - fx) + data[lower + right]! * fx) * fy
}

/** Slightly smaller, by at most a half; pixel centres stand at +0.5. */
export function shrunk(grey: Grey, width: number, height: number): Grey {
  const small = empty(width, height)
  const [sx, sy] = [grey.width / width, grey.height / height]
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) small.data[y * width + x] = sampled(grey, (x + 0.5) * sx - 0.5, (y + 0.5) * sy - 0.5)
  }
  return small
}

/** Gaussian blur, `sigma` in pixels; at the rim the last pixel goes on. */
export function blurred(grey: Grey, sigma: number): Grey {
  const { width, height, data } = grey
  const radius = Math.ceil(2.5 * sigma)
  const raw = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)))
  const sum = raw.reduce((total, weight) => total + weight, 0)
  const weights = raw.map((weight) => weight / sum)
  const across = empty(width, height)
  const row = new Float32Array(width + 2 * radius)
  for (let y = 0; y < height; y += 1) {
    const start = y * width
    row.fill(data[start]!, 0, radius)
    row.set(data.subarray(start, start + width), radius)
    row.fill(data[start + width - 1]!, radius + width)
    for (let x = 0; x < width; x += 1) {
      let total = 0
      for (let i = 0; i < weights.length; i += 1) total += weights[i]! * row[x + i]!
      across.data[start + x] = total
    }
  }
  const out = empty(width, height)
  for (let y = 0; y < height; y += 1) {
    const start = y * width
    for (let i = 0; i < weights.length; i += 1) {
      const other = Math.min(Math.max(y + i - radius, 0), height - 1) * width
      const weight = weights[i]!
      for (let x = 0; x < width; x += 1) out.data[start + x]! += weight * across.data[other + x]!
    }
  }
  return out
}
