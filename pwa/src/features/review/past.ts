/** A thing's records over time and the line of their hottest temperatures. Pure. */

export interface Past {
  id: string
  /** ms since epoch. */
  at: number
  hot_c: number | undefined
}

/** Places in a box of `width` × `height`, oldest first; the highest stands at the top. Nothing for fewer than two readings. */
export function trend(past: readonly Past[], width: number, height: number): { id: string; x: number; y: number }[] {
  const known = past.filter((one): one is Past & { hot_c: number } => one.hot_c !== undefined).sort((a, b) => a.at - b.at)
  if (known.length < 2) return []
  const [first, last] = [known[0]!.at, known.at(-1)!.at]
  const low = Math.min(...known.map((one) => one.hot_c))
  const high = Math.max(...known.map((one) => one.hot_c), low + 1)
  return known.map((one, i) => ({
    id: one.id,
    x: last === first ? (i / (known.length - 1)) * width : ((one.at - first) / (last - first)) * width,
    y: height - ((one.hot_c - low) / (high - low)) * height,
  }))
}
