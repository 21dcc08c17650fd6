/** Records of this machine by a piece of their name or number. */
import type { KindName } from '@/api/kinds'
import { subjectOf, wordsOf } from '@/domain/subject'
import { store } from '@/sync/db'
import { getRecord } from '@/sync/records'
import { headline, know, type Headline, whereLocal } from '@/sync/where'
import type { LeaderStatus } from '@/sync/status'

export interface Hit {
  id: string
  kind: KindName
  name: string | undefined
  /** What it may be found by besides. */
  words: string
  at: string
  head: Headline
}

export async function hitOf(one: { id: string; kind: KindName; at: string }, status: Pick<LeaderStatus, 'reason' | 'nextTry' | 'held'>): Promise<Hit> {
  const [view, known] = await Promise.all([getRecord(one.kind, one.id), know(store(), one.id, status, Date.now())])
  return { ...one, name: view && (await subjectOf(view)), words: view ? await wordsOf(view) : '', head: headline(whereLocal(known)) }
}

/** Whether a hit answers to what was typed: a piece of its name or of its thing's number, or the beginning or end of its number. */
export function matches(hit: Pick<Hit, 'id' | 'name' | 'words'>, typed: string): boolean {
  const wanted = typed.trim().toLowerCase()
  if (!wanted) return true
  return `${hit.name ?? ''} ${hit.words}`.toLowerCase().includes(wanted) || (wanted.length >= 4 && (hit.id.startsWith(wanted) || hit.id.endsWith(wanted)))
}

const KINDS: KindName[] = ['infrared', 'hazard', 'finding', 'form', 'defect', 'repair', 'violation']
const MOST = 30

/** For the desk: records in its own scopes, newest first, at most thirty. */
export async function byName(typed: string): Promise<{ id: string; kind: KindName; name: string; state: string; at: string }[]> {
  const rows = await store().base.ofKinds(KINDS)
  rows.sort((a, b) => (a.at < b.at ? 1 : -1))
  const found = []
  for (const row of rows) {
    const view = await getRecord(row.kind, row.id)
    const name = view && (await subjectOf(view))
    if (!name || !matches({ id: row.id, name, words: await wordsOf(view) }, typed)) continue
    found.push({ id: row.id, kind: row.kind, name, state: row.state, at: row.at })
    if (found.length === MOST) break
  }
  return found
}
