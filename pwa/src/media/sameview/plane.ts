/**
 * Maps from one picture's plane onto another's, by least squares. Pure.
 *
 * R. Hartley, A. Zisserman, "Multiple View Geometry", 2nd ed., 2004: 4.1 and 4.4 (points are normalised before solving).
 */

/** Row by row: x' = (h0 x + h1 y + h2) / w, y' = (h3 x + h4 y + h5) / w, w = h6 x + h7 y + h8. */
export type Plane = readonly [number, number, number, number, number, number, number, number, number]

export interface Pair {
  x: number
  y: number
  u: number
  v: number
  weight?: number
}

export function laid(h: Plane, x: number, y: number): [number, number] {
  const w = h[6] * x + h[7] * y + h[8]
  return [(h[0] * x + h[1] * y + h[2]) / w, (h[3] * x + h[4] * y + h[5]) / w]
}

/** Square of the distance, in pixels of the second picture. */
export function offBy([a, b, c, d, e, f, g, i, j]: Plane, { x, y, u, v }: Pair): number {
  const w = g * x + i * y + j
  return ((a * x + b * y + c) / w - u) ** 2 + ((d * x + e * y + f) / w - v) ** 2
}

export function times(a: Plane, b: Plane): Plane {
  const at = (row: number, column: number) => a[row * 3]! * b[column]! + a[row * 3 + 1]! * b[column + 3]! + a[row * 3 + 2]! * b[column + 6]!
  return [at(0, 0), at(0, 1), at(0, 2), at(1, 0), at(1, 1), at(1, 2), at(2, 0), at(2, 1), at(2, 2)]
}

/** The map back; undefined when everything falls onto a line. */
export function inverse(h: Plane): Plane | undefined {
  const [a, b, c, d, e, f, g, i, j] = h
  const determinant = a * (e * j - f * i) - b * (d * j - f * g) + c * (d * i - e * g)
  if (Math.abs(determinant) < 1e-12) return undefined
  const parts = [e * j - f * i, c * i - b * j, b * f - c * e, f * g - d * j, a * j - c * g, c * d - a * f, d * i - e * g, b * g - a * i, a * e - b * d]
  return parts.map((part) => part / determinant) as unknown as Plane
}

/** Turn, size and shift of two pairs of points; undefined when they are one. */
export function similarityOf(p: Pair, q: Pair): Plane | undefined {
  const [dx, dy, du, dv] = [q.x - p.x, q.y - p.y, q.u - p.u, q.v - p.v]
  const length = dx * dx + dy * dy
  if (length < 1) return undefined
  const a = (dx * du + dy * dv) / length
  const b = (dx * dv - dy * du) / length
  return [a, -b, p.u - a * p.x + b * p.y, b, a, p.v - b * p.x - a * p.y, 0, 0, 1]
}

/** Least squares over six (`affine`) or eight numbers; undefined when the pairs do not tell them. */
export function fitted(pairs: readonly Pair[], affine: boolean): Plane | undefined {
  const unknowns = affine ? 6 : 8
  if (pairs.length * 2 < unknowns) return undefined
  const [from, to] = [normal(pairs.map(({ x, y }) => [x, y])), normal(pairs.map(({ u, v }) => [u, v]))]
  const matrix = Array.from({ length: unknowns }, () => new Float64Array(unknowns + 1))
  const row = new Float64Array(8)
  const add = (value: number, weight: number) => {
    for (let i = 0; i < unknowns; i += 1) {
      if (row[i] === 0) continue
      for (let j = 0; j < unknowns; j += 1) matrix[i]![j]! += weight * row[i]! * row[j]!
      matrix[i]![unknowns]! += weight * row[i]! * value
    }
  }
  for (const { x, y, u, v, weight = 1 } of pairs) {
    const [nx, ny] = laid(from, x, y)
    const [nu, nv] = laid(to, u, v)
    row.set([nx, ny, 1, 0, 0, 0, -nx * nu, -ny * nu])
    add(nu, weight)
    row.set([0, 0, 0, nx, ny, 1, -nx * nv, -ny * nv])
    add(nv, weight)
  }
  const found = solved(matrix)
  const back = inverse(to)
  if (!found || !back) return undefined
  const [a, b, c, d, e, f, g = 0, i = 0] = found as [number, number, number, number, number, number]  & number[]
  const whole = times(times(back, [a, b, c, d, e, f, g, i, 1]), from)
  return whole.map((value) => value / whole[8]) as unknown as Plane
}

function normal(points: readonly (readonly [number, number])[]): Plane {
  const n = points.length
  const [mx, my] = [points.reduce((sum, [x]) => sum + x, 0) / n, points.reduce((sum, [, y]) => sum + y, 0) / n]
  const spread = points.reduce((sum, [x, y]) => sum + Math.hypot(x - mx, y - my), 0) / n || 1
  const scale = Math.SQRT2 / spread
  return [scale, 0, -scale * mx, 0, scale, -scale * my, 0, 0, 1]
}

/** Gauss with the largest pivot. */
function solved(matrix: Float64Array[]): number[] | undefined {
  const n = matrix.length
  for (let column = 0; column < n; column += 1) {
    let best = column
    for (let row = column + 1; row < n; row += 1) if (Math.abs(matrix[row]![column]!) > Math.abs(matrix[best]![column]!)) best = row
    if (Math.abs(matrix[best]![column]!) < 1e-10) return undefined
    ;[matrix[column], matrix[best]] = [matrix[best]!, matrix[column]!]
    for (let row = 0; row < n; row += 1) {
      if (row === column) continue
      const factor = matrix[row]![column]! / matrix[column]![column]!
      for (let k = column; k <= n; k += 1) matrix[row]![k]! -= factor * matrix[column]![k]!
    }
  }
  return matrix.map((row, i) => row[n]! / row[i]!)
}

/** Whether a picture of this size stays a picture: not folded, not mirrored, between a third and three times as large. */
export function plausible(h: Plane, width: number, height: number): boolean {
  const corners = [[0, 0], [width, 0], [width, height], [0, height]] as const
  if (corners.some(([x, y]) => h[6] * x + h[7] * y + h[8] < 0.2)) return false
  const at = corners.map(([x, y]) => laid(h, x, y))
  const turns = at.map(([x, y], i) => {
    const [bx, by] = at[(i + 1) % 4]!
    const [cx, cy] = at[(i + 2) % 4]!
    return (bx - x) * (cy - by) - (by - y) * (cx - bx)
  })
  if (turns.some((turn) => turn <= 0)) return false
  const area = at.reduce((sum, [x, y], i) => sum + x * at[(i + 1) % 4]![1] - at[(i + 1) % 4]![0] * y, 0) / 2 / (width * height)
  return area > 1 / 9 && area < 9
}
