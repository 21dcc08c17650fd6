/** What a code that was scanned means here, and which of several is aimed at. Pure. */

export interface Point {
  x: number
  y: number
}

export interface Code {
  text: string
  /** The corners in the picture, clockwise. */
  corners: Point[]
}

export const middle = (code: Code): Point => ({
  x: code.corners.reduce((sum, corner) => sum + corner.x, 0) / code.corners.length,
  y: code.corners.reduce((sum, corner) => sum + corner.y, 0) / code.corners.length,
})

/** The code whose middle is nearest to `aim`. */
export function aimed(codes: readonly Code[], aim: Point): Code | undefined {
  const far = (code: Code) => Math.hypot(middle(code).x - aim.x, middle(code).y - aim.y)
  return [...codes].sort((a, b) => far(a) - far(b))[0]
}

/** Capital letters, half-width, nothing but letters and digits: how a number reads aloud. */
const plain = (text: string): string => text.normalize('NFKC').toUpperCase().replace(/[^\p{L}\p{N}]/gu, '')

/**
 * The numbers that a code's text may stand for: itself, and, of an address, its parameters and the last part of its path.
 * Labels carry either.
 */
export function numbers(text: string): string[] {
  const trimmed = text.trim()
  const found = [trimmed]
  if (/^https?:/i.test(trimmed) && URL.canParse(trimmed)) {
    const url = new URL(trimmed)
    found.push(...url.searchParams.values(), decodedPart(url))
  }
  return [...new Set(found.map(plain).filter(Boolean))]
}

function decodedPart(url: URL): string {
  const last = url.pathname.split('/').filter(Boolean).at(-1) ?? ''
  try {
    return decodeURIComponent(last)
  } catch {
    return last
  }
}

/** The things of the register whose number the code carries. */
export function meant<T extends { code: string }>(things: readonly T[], text: string): T[] {
  const wanted = new Set(numbers(text))
  return things.filter((thing) => wanted.has(plain(thing.code)))
}
