/** A long list is drawn a screenful at a time: which of its rows, by how far its box is scrolled. Pure. */

export interface Span {
  first: number
  /** Behind the last. */
  end: number
}

/** The rows to draw: those in view and a few around them. */
export function drawn(scrollTop: number, height: number, rowPx: number, total: number, around = 8): Span {
  const first = Math.max(0, Math.min(Math.floor(scrollTop / rowPx), total) - around)
  return { first, end: Math.min(total, Math.ceil((scrollTop + height) / rowPx) + around) }
}

/** Where to scroll so that a row is in view; undefined when it is already. */
export function toShow(row: number, scrollTop: number, height: number, rowPx: number): number | undefined {
  if (row * rowPx < scrollTop) return row * rowPx
  if ((row + 1) * rowPx > scrollTop + height) return (row + 1) * rowPx - height
  return undefined
}
