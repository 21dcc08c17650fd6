/** What is to be done today, ordered by what runs out first. Pure. */
import type { Bodies, KindName } from '@/api/kinds'
import { type Level, type Phase, readClock } from '@/domain/repair/clock'
import type { RepairClock } from '@/domain/repair/rules'

/** The part of a record that the list needs. */
export interface Row<K extends KindName = KindName> {
  id: string
  kind: K
  state: string
  author: string | null
  data: Partial<Bodies[K]>
  facts: object
  log: readonly { id?: string; type: string; at: string; data: Record<string, unknown>; by_name: string }[]
  at: string
  problems: readonly { code: string }[]
}

export interface Draft {
  key: string
  at: number
  state: unknown
}

export interface Person {
  id: string
  roles: readonly string[]
  unit: string
}

export type TodoKind = 'repair' | 'returned' | 'refused' | 'recheck' | 'defect' | 'entry' | 'draft' | 'amend'

export interface Todo {
  key: string
  todo: TodoKind
  kind: KindName
  id: string
  /** When it runs out, epoch ms; null: it does not. */
  due: number | null
  at: string
  /** The step of a repair that an amendment corrects. */
  step?: string
  /** A promise's clock that runs: what it is for, and how far it is used up. */
  clock?: { phase: Phase; level: Level }
  /** It was returned, and the reason has not been opened on this phone. */
  unread?: true
  /** A form that was never saved, opened for practice. */
  practice?: true
}

export interface Source {
  repairs: readonly Row<'repair'>[]
  defects: readonly Row<'defect'>[]
  written: readonly (Row<'infrared'> | Row<'hazard'> | Row<'finding'> | Row<'form'>)[]
  entries: readonly Row<'entry'>[]
  drafts: readonly Draft[]
  /** The last return of each record whose reason was opened on this phone: record → event. */
  read?: Read
}

type Read = Readonly<Record<string, string>>

const DAY_MS = 86_400_000
const RUNNING = ['new', 'received', 'arrived', 'located', 'repaired', 'returned']
/** States of a defect that is not put right yet, or not seen to be. */
export const OPEN_DEFECT: readonly string[] = ['open', 'rectifying', 'rectified']
/** The states in which a record can be something to do; one that this phone has changed or has a draft of can be, too. */
export const OPEN = {
  repair: RUNNING,
  defect: OPEN_DEFECT,
  infrared: ['draft', 'returned'],
  hazard: ['draft', 'returned'],
  finding: ['draft', 'returned'],
  form: ['draft', 'returned'],
} as const
const GROUP: Record<TodoKind, number> = { repair: 0, returned: 1, refused: 1, recheck: 2, defect: 2, entry: 3, draft: 4, amend: 4 }

/** Clocks that end within a day come first, then what was sent back, then deadlines, news and drafts. */
export function todos(source: Source, me: Person, now: number): Todo[] {
  const found = [
    ...repairs(source.repairs, me, now, source.read ?? {}),
    ...returned(source.written, me, source.read ?? {}),
    ...defects(source.defects, me),
    ...entries(source.entries, me, now),
    ...drafts(source.drafts, source.written, me),
  ]
  const rank = (todo: Todo): number =>
    todo.due !== null && todo.due - now < DAY_MS ? 0 : todo.todo === 'repair' ? GROUP.defect : GROUP[todo.todo]
  return found.sort(
    (a, b) => rank(a) - rank(b) || (a.due ?? Infinity) - (b.due ?? Infinity) || (a.unread ? 0 : 1) - (b.unread ? 0 : 1) || (a.at < b.at ? 1 : -1) || 0,
  )
}

function repairs(rows: Source['repairs'], me: Person, now: number, read: Read): Todo[] {
  if (!me.roles.includes('crew')) return []
  return rows
    .filter((row) => RUNNING.includes(row.state))
    .map((row) => {
      const clock = readClock(
        {
          state: row.state,
          area: row.data.area,
          grade: row.data.grade,
          reported_at: row.data.reported_at,
          deadline_at: row.data.deadline_at,
          clock: (row.facts as { clock?: RepairClock }).clock,
          log: row.log,
        },
        now,
      )
      return { key: row.id, todo: 'repair', kind: 'repair', id: row.id, due: clock.by ? Date.parse(clock.by) : null, at: row.at, ...(clock.by ? { clock: { phase: clock.phase, level: clock.level } } : {}), ...unread(row, read) }
    })
}

/** The event that sent a record back last; undefined when it was never returned. */
export function lastReturn(log: Row['log']): string | undefined {
  return log.findLast((entry) => entry.type === 'return')?.id
}

/** Whether its last return was opened on any of the author's phones. */
export function openedSince(log: Row['log']): boolean {
  return log.slice(log.findLastIndex((entry) => entry.type === 'return') + 1).some((entry) => entry.type === 'open')
}

function unread(row: Pick<Row, 'id' | 'state' | 'log'>, read: Read): { unread?: true } {
  return row.state === 'returned' && lastReturn(row.log) !== read[row.id] ? { unread: true } : {}
}

function returned(rows: Source['written'], me: Person, read: Read): Todo[] {
  return rows
    .filter((row) => row.author === me.id && (row.state === 'returned' || row.problems.length > 0))
    .map((row) => ({
      key: row.id,
      todo: row.state === 'returned' ? 'returned' : 'refused',
      kind: row.kind,
      id: row.id,
      due: null,
      at: row.at,
      ...unread(row, read),
    }))
}

/** Inspectors re-check what was repaired; an owner sees what stands open on his own equipment. */
function defects(rows: Source['defects'], me: Person): Todo[] {
  const checks = me.roles.includes('inspector')
  return rows.flatMap((row): Todo[] => {
    const due = row.data.deadline_at ? Date.parse(row.data.deadline_at) : null
    const base = { key: row.id, kind: 'defect' as const, id: row.id, due, at: row.at }
    if (row.state === 'rectified' && checks) return [{ ...base, todo: 'recheck' }]
    if ((row.state === 'open' || row.state === 'rectifying') && row.data.owner === me.id) return [{ ...base, todo: 'defect' }]
    return []
  })
}

const NEWS_DAYS = 7

function entries(rows: Source['entries'], me: Person, now: number): Todo[] {
  return rows
    .filter((row) => row.data.person === me.id && now - Date.parse(row.data.decided_at ?? '') < NEWS_DAYS * DAY_MS)
    .map((row) => ({ key: row.id, todo: 'entry', kind: 'entry', id: row.id, due: null, at: row.data.decided_at ?? row.at }))
}

/** Drafts of forms: key `<kind>:<id>`, of amendments `amend:<kind>:<id>` and `amend.<step>:repair:<id>`. */
const FORM = /^(?:(infrared|hazard|finding|form)|(amend):(infrared|hazard|finding|form)|(amend)\.(\w+):(repair)):([^:]+)$/

export function draftOf(key: string): Pick<Todo, 'todo' | 'kind' | 'id' | 'step'> | undefined {
  const found = FORM.exec(key)
  if (!found) return undefined
  const [, kind, amends, amended, , step, repair, id] = found
  if (kind) return { todo: 'draft', kind: kind as KindName, id: id! }
  return { todo: 'amend', kind: (amends ? amended : repair) as KindName, id: id!, ...(step ? { step } : {}) }
}

/** Open forms and records saved half filled; a record that has both is one draft. */
function drafts(open: Source['drafts'], rows: Source['written'], me: Person): Todo[] {
  const returnedIds = new Set(rows.filter((row) => row.state === 'returned' || row.problems.length > 0).map((row) => row.id))
  const found = new Map<string, Todo>()
  for (const row of rows) {
    if (row.author !== me.id || row.state !== 'draft' || row.problems.length > 0) continue
    found.set(row.id, { key: row.id, todo: 'draft', kind: row.kind, id: row.id, due: null, at: row.at })
  }
  for (const draft of open) {
    const form = draftOf(draft.key)
    if (!form || (form.todo === 'draft' && returnedIds.has(form.id))) continue
    const at = new Date(draft.at).toISOString()
    const key = form.todo === 'draft' ? form.id : draft.key
    const practice = (draft.state as { body?: { practice?: boolean } } | undefined)?.body?.practice ? { practice: true as const } : {}
    found.set(key, { ...form, ...practice, key, due: null, at })
  }
  return [...found.values()]
}
