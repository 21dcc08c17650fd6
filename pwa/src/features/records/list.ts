/** The list as its address names it, and the part of it that is on the screen. Pure. */
import kinds from '@/api/kinds.json'
import type { Span } from '@/desk/drawn'

export const WORK = ['infrared', 'hazard', 'finding', 'form', 'defect', 'repair', 'violation'] as const
export const REGISTER = ['equipment', 'meter_box'] as const
export const FIELDS = ['kind', 'status', 'grade', 'unit', 'person', 'thing', 'since', 'until', 'zero', 'unseen', 'q', 'sort'] as const
export const SORTS = ['grade', 'at', 'changed'] as const
export type Field = (typeof FIELDS)[number]
export type Sort = (typeof SORTS)[number]
export type Asked = Partial<Record<Field, string>>

/** Rows of one answer, as many as from one mark of the server to the next. */
export const BLOCK = 200

/** What an address asks for; of a name given twice the last, what is unknown is left out. */
export function fromQuery(query: Record<string, unknown>): Asked {
  const said = FIELDS.map((field) => [field, [query[field]].flat().at(-1)] as const)
  return Object.fromEntries(said.filter(([, value]) => typeof value === 'string' && value !== '')) as Asked
}

/** The same list with some of it changed; `undefined` and '' take a condition away. States, zeros and what was not seen go with the kind. */
export function changed(asked: Asked, change: { [field in Field]?: string | undefined }): Asked {
  const status = 'kind' in change && change.kind !== asked.kind ? { status: undefined, zero: undefined, unseen: undefined } : {}
  return fromQuery({ ...asked, ...status, ...change })
}

export function toText(asked: Asked): string {
  return new URLSearchParams(asked as Record<string, string>).toString()
}

export function fromText(text: string): Asked {
  return fromQuery(Object.fromEntries(new URLSearchParams(text)))
}

/** A click on a column: largest and newest first, then the other way round. */
export function sorted(asked: Asked, by: Sort): Asked {
  return changed(asked, { sort: (asked.sort ?? '-at') === `-${by}` ? by : by === 'at' ? undefined : `-${by}` })
}

export function direction(asked: Asked, by: Sort): 'ascending' | 'descending' | 'none' {
  const sort = asked.sort ?? '-at'
  return sort === by ? 'ascending' : sort === `-${by}` ? 'descending' : 'none'
}

export const TAKEN = ['csv', 'xlsx', 'photos', 'dossier'] as const
export type Taken = (typeof TAKEN)[number]
/** Records that a call can name one by one. */
export const MOST_CHOSEN = 200

/** Where the list, or what is chosen of it, is to be had as a file. */
export function exportAddress(what: Taken, asked: Asked, chosen: readonly string[], language: string): string {
  const file = { csv: 'records.csv', xlsx: 'records.xlsx', photos: 'photos.zip', dossier: 'dossier.pdf' }[what]
  const ids: Record<string, string> = chosen.length ? { ids: chosen.slice(0, MOST_CHOSEN).join(',') } : {}
  return `/api/v1/exports/${file}?${new URLSearchParams({ ...asked, ...ids, lang: language === 'en' ? 'en' : 'zh' }).toString()}`
}

/** Up to so many records a file is made while one waits; more by the worker, up to `most`. */
const AT_ONCE: Record<Taken, number> = { csv: 20_000, xlsx: 20_000, photos: 50, dossier: 20 }
const MOST: Partial<Record<Taken, number>> = { photos: 2000, dossier: 200 }

/** How a file of so many records is had: at once, made in the background, or not at all. */
export function wayOf(what: Taken, records: number): 'direct' | 'later' | 'too_many' {
  if (records > (MOST[what] ?? Infinity)) return 'too_many'
  return records > AT_ONCE[what] ? 'later' : 'direct'
}

export function mostOf(what: Taken): number {
  return MOST[what] ?? Infinity
}

/** Where to ask for a file that is made in the background. */
export function laterAddress(what: Taken, asked: Asked, chosen: readonly string[], language: string): string {
  return `/api/v1/exports?${exportAddress(what, asked, chosen, language).split('?')[1] ?? ''}&what=${what}`
}

type Machine = { initial: string; events: { source: string[]; target: string | null }[] }

/** The states that a list of this kind can hold, in the order in which a record passes them. */
export function statesOf(kind: string | undefined): string[] {
  const machine = (kinds as unknown as Record<string, Machine | undefined>)[kind ?? '']
  if (!machine) return []
  const found = [machine.initial, ...machine.events.flatMap((event) => (event.target ? [event.target] : []))]
  return [...new Set(found)].filter((state) => state !== 'draft')
}

export function blocksOf({ first, end }: Span): number[] {
  if (end <= first) return []
  const from = Math.floor(first / BLOCK)
  return Array.from({ length: Math.floor((end - 1) / BLOCK) - from + 1 }, (_, i) => from + i)
}
