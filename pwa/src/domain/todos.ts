/** What this person has to do, live, with the records behind it; and which returns have been read on this phone. */
import { computed, type ComputedRef, type Ref } from 'vue'

import { eventFrom } from '@/api/rules'
import { useSession } from '@/app/session'
import { getMeta, setMeta, store } from '@/sync/db'
import { act, type Rec, useDrafts, useLive, useRecords } from '@/sync/records'

import { lastReturn, openedSince, type Todo, todos } from './todo'

const READ = 'readReturns'

/** `list` is undefined while it is read. */
export function useTodos(now: Ref<number>): { list: ComputedRef<Todo[] | undefined>; byId: ComputedRef<Map<string, Rec>> } {
  const session = useSession()
  const repairs = useRecords('repair')
  const defects = useRecords('defect')
  const infrared = useRecords('infrared', { practice: true })
  const hazards = useRecords('hazard', { practice: true })
  const findings = useRecords('finding', { practice: true })
  const forms = useRecords('form', { practice: true })
  const entries = useRecords('entry')
  const drafts = useDrafts()
  const read = useLive(async () => (await getMeta<Record<string, string>>(store(), READ)) ?? {})
  const written = computed(() => [...(infrared.value ?? []), ...(hazards.value ?? []), ...(findings.value ?? []), ...(forms.value ?? [])])
  const all = computed(() => {
    const there = repairs.value && defects.value && infrared.value && hazards.value && findings.value && forms.value && entries.value && drafts.value && read.value
    if (!there) return undefined
    return { repairs: repairs.value!, defects: defects.value!, written: written.value as never, entries: entries.value!, drafts: drafts.value!, read: read.value! }
  })
  return {
    list: computed(() => {
      const me = session.me.value
      return me && all.value && todos(all.value, { id: me.person.id, roles: me.roles, unit: me.person.unit ?? '' }, now.value)
    }),
    byId: computed(() => {
      const rows = [...(repairs.value ?? []), ...(defects.value ?? []), ...written.value, ...(entries.value ?? [])] as unknown as Rec[]
      return new Map(rows.map((record) => [record.id, record]))
    }),
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
