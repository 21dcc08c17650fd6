/** What of the register is nearest. Pure. */
import { bearing, type Compass, compass, distance, type Point } from '@/domain/geo/earth'

export interface Thing extends Point {
  id: string
  kind: 'equipment' | 'meter_box'
  code: string
  name: string
  /** The worst grade of its open defects. */
  grade?: string | undefined
  defects: number
}
export interface Near {
  thing: Thing
  /** Metres. */
  far: number
  towards: Compass
}

/** From which age and radius on a position is called old or coarse. */
export const OLD_MS = 60_000
export const COARSE_M = 50

export function nearest(things: readonly Thing[], from: Point, limit: number): Near[] {
  return things
    .map((thing) => ({ thing, far: distance(from, thing) }))
    .sort((a, b) => a.far - b.far || (a.thing.id < b.thing.id ? -1 : 1))
    .slice(0, limit)
    .map(({ thing, far }) => ({ thing, far, towards: compass(bearing(from, thing)) }))
}

/** Nearer than the position is sure of: which way it is cannot be told. */
export function isHere(far: number, accuracyM: number): boolean {
  return far <= accuracyM
}

const GRADES = ['general', 'serious', 'critical']

export function worst(grades: readonly (string | null | undefined)[]): string | undefined {
  return GRADES[Math.max(-1, ...grades.map((grade) => GRADES.indexOf(grade ?? '')))]
}
