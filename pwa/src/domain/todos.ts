/** What this person has to do, live, with the records behind it; and which returns have been read on this phone. */
import { computed, type ComputedRef, type EffectScope, effectScope, onScopeDispose, type Ref } from 'vue'

import type { KindName } from '@/api/kinds'
import { eventFrom } from '@/api/rules'
import { useSession } from '@/app/session'
import { getMeta, setMeta, store } from '@/sync/db'
import { act, isPractice, readRecords, type Rec, useLive, type Wanted } from '@/sync/records'

import { draftOf, lastReturn, OPEN, openedSince, type Source, type Todo, todos } from './todo'

const READ = 'readReturns'
const TOLD = 'readyTold'
const KINDS = Object.keys(OPEN) as (keyof typeof OPEN)[]

/** What the check before a round last said. */
export interface Told {
  at: number
  bad: number
}

interface Work {
  source: Source
  byId: Map<string, Rec>
  told: Told | null
}

/** All that a person's list is made of, as it stands at one moment: one transaction instead of one for each kind. */
export async function readWork(crew: boolean): Promise<Work> {
  const db = store()
  return db.transaction('r', [db.packs, db.outbox, db.photos, db.drafts, db.meta], async () => {
    const [drafts, read, told] = await Promise.all([db.drafts.toArray(), getMeta<Record<string, string>>(db, READ), getMeta<Told>(db, TOLD)])
    const wanted: Wanted[] = KINDS.filter((kind) => kind !== 'repair' || crew).map((kind) => ({ kind, states: OPEN[kind] }))
    const records = await readRecords([...wanted, { kind: 'entry' }], drafts.flatMap(({ key }) => draftOf(key)?.id ?? []))
    const of = (...kinds: KindName[]) => records.filter((record) => kinds.includes(record.kind)) as never
    const counted = (kind: KindName) => records.filter((record) => record.kind === kind && !isPractice(record)) as never
    return {
      source: {
        repairs: counted('repair'),
        defects: counted('defect'),
        written: of('infrared', 'hazard', 'finding', 'form'),
        entries: counted('entry'),
        drafts: drafts.sort((a, b) => b.at - a.at),
        read: read ?? {},
      },
      byId: new Map(records.map((record) => [record.id, record])),
      told: told ?? null,
    }
  })
}

interface Reading {
  person: string
  scope: EffectScope
  work: Ref<Work | undefined>
}
let ahead: Reading | undefined

function reading(): Reading {
  const { can } = useSession()
  const scope = effectScope(true)
  return { person: store().person, scope, work: scope.run(() => useLive(() => readWork(can('crew')), () => can('crew')))! }
}

/** Begins to read what the next `useTodos` will show: at a start the page is made meanwhile. */
export function readAhead(): void {
  ahead ??= reading()
}

/** What was read ahead, if that was for the person who works here now. */
function taken(): Reading {
  const before = ahead
  ahead = undefined
  if (before?.person === store().person) return before
  before?.scope.stop()
  return reading()
}

/** `list` and `told` are undefined while they are read. */
export function useTodos(now: Ref<number>): { list: ComputedRef<Todo[] | undefined>; byId: ComputedRef<Map<string, Rec>>; told: ComputedRef<Told | null | undefined> } {
  const session = useSession()
  const { scope, work } = taken()
  onScopeDispose(() => scope.stop())
  return {
    list: computed(() => {
      const me = session.me.value
      return me && work.value && todos(work.value.source, { id: me.person.id, roles: me.roles, unit: me.person.unit ?? '' }, now.value)
    }),
    byId: computed(() => work.value?.byId ?? new Map<string, Rec>()),
    told: computed(() => work.value?.told),
  }
}

/** The person has the reason of this record's last return before them; the reviewer is told once. */
export async function markRead(record: Pick<Rec, 'id' | 'kind' | 'state' | 'log'>): Promise<void> {
  const event = lastReturn(record.log)
  if (!event) return
  const db = store()
  if (!openedSince(record.log) && eventFrom(record.kind, record.state, 'open')) await act(record.kind, record.id, 'open')
  await db.transaction('rw', db.meta, async () => {
    const read = (await getMeta<Record<string, string>>(db, READ)) ?? {}
    if (read[record.id] !== event) await setMeta(db, READ, { ...read, [record.id]: event })
  })
}
