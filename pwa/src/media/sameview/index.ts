/** Whether a photo was taken of the same thing from the same place as another, and how it lies on it. Pure, repeatable. */
import { agreement } from './agree'
import type { Grey } from './grey'
import { laid, type Plane } from './plane'
import { registered } from './register'

export type Verdict = 'same' | 'move' | 'other'
export type Move = 'left' | 'right' | 'up' | 'down' | 'closer' | 'back' | 'turn_left' | 'turn_right'

export interface SameView {
  /** From the picture before onto the one after, in shares of each one's width and height; missing when they are not seen to show the same. */
  plane?: Plane
  /** 0–1: how far both show the same thing, wherever they were taken from. */
  score: number
  /** Share of the picture before that the one after shows too. */
  overlap: number
  verdict: Verdict
  /** How to move the phone for the same view, the most needed first. */
  moves: Move[]
}

/**
 * From here on two photos show the same thing. Chosen on boxes of the same type and on boxes after their repair, see
 * tests/support/views.py; `make prove ONLY=same_view` measures it on others.
 */
export const LIMIT = 0.65

/** Off by more than this it is another view of the same thing: shift as a share of the size, size, turn in degrees. */
const SHIFT = 0.12
const SIZE = 1.2
const TURN = 10

export function sameView(before: Grey, after: Grey): SameView {
  const map = registered(before, after)
  if (!map) return { score: 0, overlap: 0, verdict: 'other', moves: [] }
  const { score, overlap } = agreement(before, after, map)
  if (score < LIMIT) return { score, overlap, verdict: 'other', moves: [] }
  const moves = movesFor(map, before, after)
  return { plane: inShares(map, before, after), score, overlap, verdict: moves.length > 0 ? 'move' : 'same', moves }
}

/** Pixel centres of the small pictures become shares of any size of the same pictures. */
function inShares(h: Plane, before: Grey, after: Grey): Plane {
  const [a, b, c, d, e, f, g, i, j] = h
  const { width: w, height: l } = before
  // h on (x·w − ½, y·l − ½)
  const from = [a * w, b * l, c - (a + b) / 2, d * w, e * l, f - (d + e) / 2, g * w, i * l, j - (g + i) / 2] as const
  const row = (at: 0 | 3, size: number) => [0, 1, 2].map((k) => (from[at + k]! + from[6 + k]! / 2) / size)
  const whole = [...row(0, after.width), ...row(3, after.height), from[6], from[7], from[8]]
  return whole.map((value) => value / whole[8]!) as unknown as Plane
}

/** What was in the middle lies left now: the phone looks too far to the right. */
function movesFor(plane: Plane, before: Grey, after: Grey): Move[] {
  const [x, y] = [before.width / 2, before.height / 2]
  const [u, v] = laid(plane, x, y)
  const [ru, rv] = laid(plane, x + before.width / 4, y)
  const size = Math.hypot(ru - u, rv - v) / (before.width / 4) / (Math.max(after.width, after.height) / Math.max(before.width, before.height))
  const turn = (Math.atan2(rv - v, ru - u) * 180) / Math.PI
  const [dx, dy] = [u / after.width - 0.5, v / after.height - 0.5]
  const wanted: { by: number; move: Move }[] = [
    { by: Math.abs(dx) / SHIFT, move: dx < 0 ? 'left' : 'right' },
    { by: Math.abs(dy) / SHIFT, move: dy < 0 ? 'up' : 'down' },
    { by: Math.abs(Math.log(size)) / Math.log(SIZE), move: size < 1 ? 'closer' : 'back' },
    { by: Math.abs(turn) / TURN, move: turn > 0 ? 'turn_right' : 'turn_left' },
  ]
  return wanted.filter(({ by }) => by > 1).sort((a, b) => b.by - a.by).map(({ move }) => move)
}
