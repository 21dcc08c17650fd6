/** The filling trace: when each item of a form was first answered and last changed, by this phone's clock. Pure. */
import type { Finding } from '@/api/kinds'

export type Trace = NonNullable<Finding['trace']>

export const MAX_TRACE = 120
/** What nobody fills in by hand, or goes with another item. */
const NOT_ITEMS = new Set(['trace', 'practice', 'catalogue', 'photos', 'sheet', 'measured', 'answers', 'form', 'edition', 'title', 'title_en'])

/** Each item's answer as text; what is empty is left out. Photos are one item, each answer to a sheet is one. */
export function items(body: object, photos: readonly { sha256: string }[]): Map<string, string> {
  const { sheet, answers } = body as { sheet?: { answers: Record<string, unknown> } | null; answers?: Record<string, unknown> | null }
  const all: [string, unknown][] = [
    ...Object.entries(body).filter(([name]) => !NOT_ITEMS.has(name)),
    ...Object.entries(sheet?.answers ?? {}).map(([name, answer]): [string, unknown] => [`sheet.answers.${name}`, answer]),
    ...Object.entries(answers ?? {}).map(([name, answer]): [string, unknown] => [`answers.${name}`, answer]),
    ['photos', photos.map(({ sha256 }) => sha256)],
  ]
  const said = all.filter(([, value]) => value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0))
  return new Map(said.map(([name, value]) => [name, JSON.stringify(value)]))
}

/** The trace after a change; the same one when no item changed. `at`: now. */
export function touch(trace: Trace, before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>, at: Date): Trace {
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter((name) => before.get(name) !== after.get(name))
  if (changed.length === 0) return trace
  const now = `${at.toISOString().slice(0, 19)}Z`
  const known = new Map(trace.map((one) => [one.at, one]))
  for (const name of changed) known.set(name, { at: name, first: known.get(name)?.first ?? now, last: now })
  return [...known.values()].slice(0, MAX_TRACE)
}
