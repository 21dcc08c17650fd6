/** Many accepted at once after a sample of them was looked at one by one. Pure. */
import type { Grade } from '@/api/kinds'
import type { ReviewedKind } from '@/domain/reviewed'

/** What the server takes at once, at most. */
export const BULK_MAX = 200
const GRAVE: readonly (Grade | null)[] = ['serious', 'critical']

export interface Candidate {
  id: string
  kind: ReviewedKind
  grade: Grade | null
  /** Nothing about it asks for a person's eye: no photo is missing, no grade is left open. */
  plain: boolean
}

export type Stage = 'choose' | 'sample' | 'ready' | 'failed'

/** Those that can be accepted together with `current`: of its kind and grade, never grave ones, never findings. */
export function groupOf<C extends Candidate>(current: C | undefined, waiting: readonly C[]): C[] {
  if (!current || current.kind === 'finding' || GRAVE.includes(current.grade)) return []
  const fit = waiting.filter((one) => one.kind === current.kind && one.grade === current.grade && one.plain)
  return fit.length < 2 ? [] : fit.slice(0, BULK_MAX)
}

/** How many of `n` are looked at one by one: at least one. */
export function sampleSize(n: number, pct: number): number {
  return Math.max(1, Math.ceil((n * pct) / 100))
}

/** So many of them by chance; `random` gives a number in 0 … 1 (1 excluded). */
export function draw(ids: readonly string[], size: number, random: () => number): string[] {
  const left = [...ids]
  for (let i = 0; i < Math.min(size, left.length); i++) {
    const j = i + Math.floor(random() * (left.length - i))
    ;[left[i], left[j]] = [left[j]!, left[i]!]
  }
  return left.slice(0, size)
}

/** Where the sample stands, by what was decided on each record so far. */
export function progress(sample: readonly string[], decidedAs: (id: string) => string | undefined): { stage: Exclude<Stage, 'choose'>; accepted: number; next: string | undefined } {
  const said = sample.map(decidedAs)
  const accepted = said.filter((word) => word === 'accept').length
  const failed = said.some((word) => word === 'return' || word === 'reject')
  const next = sample.find((_, i) => said[i] === undefined)
  return { stage: failed ? 'failed' : accepted === sample.length ? 'ready' : 'sample', accepted, next }
}

/** A random number that no habit of the browser steers. */
export function chance(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32
}
