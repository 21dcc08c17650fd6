/** How a photo is moved and enlarged; shares of its own size, so that two photos side by side show the same part. Pure. */

export interface Zoomed {
  zoom: number
  /** How far its middle is moved, in shares of its width and height. */
  x: number
  y: number
}

export const WHOLE: Zoomed = { zoom: 1, x: 0, y: 0 }
const MOST = 8

/** Enlarged by a factor around a point, given in shares from the unmoved middle; the point stays where it is. */
export function zoomed(at: Zoomed, factor: number, x = 0, y = 0): Zoomed {
  const zoom = Math.min(MOST, Math.max(1, at.zoom * factor))
  if (zoom === 1) return WHOLE
  const by = zoom / at.zoom
  return kept({ zoom, x: x - (x - at.x) * by, y: y - (y - at.y) * by })
}

/** Moved by shares of the photo's own size; no further than its edge. */
export function panned(at: Zoomed, dx: number, dy: number): Zoomed {
  return kept({ ...at, x: at.x + dx, y: at.y + dy })
}

function kept({ zoom, x, y }: Zoomed): Zoomed {
  const most = (zoom - 1) / 2
  const within = (share: number) => Math.min(most, Math.max(-most, share))
  return { zoom, x: within(x), y: within(y) }
}
