/**
 * What this phone holds of what its person may see: the same rule as `sync/window.py`, with the same vectors.
 *
 * The server leaves out of the feed what a phone need not hold; here goes what has fallen out since.
 */
import { RULES } from '@/api/rules'

import { type BaseRow, getMeta, note, setMeta, type Store } from './db'

/** The server's word on what is held. `since`: closed records whose last change is older are not. */
export interface Hold {
  level: number
  since: string
  registers: 'all' | 'near' | 'none'
  units: 'all' | 'near'
  own: string
  /** Records that a phone holds at most. */
  rows: number
}

/** The last level: nothing more can be left out. */
export const NARROWEST = 6

export function holds(rule: Hold, row: Pick<BaseRow, 'kind' | 'state' | 'scope' | 'at'>): boolean {
  const kind = RULES[row.kind] as (typeof RULES)[BaseRow['kind']] | undefined
  if (!kind) return true
  if (row.at < rule.since && kind.closed.includes(row.state)) return false
  const near = row.scope === rule.own || !row.scope.startsWith('u:')
  if (kind.register && (rule.registers === 'none' || (rule.registers === 'near' && !near))) return false
  return near || rule.units === 'all'
}

/** Removes rows that the rule no longer holds, once for each change of it; never one with work or photos to be sent. */
export async function prune(db: Store): Promise<number> {
  const rule = await getMeta<Hold>(db, 'held')
  if (!rule || (await getMeta<string>(db, 'pruned')) === mark(rule)) return 0
  const gone = await db.transaction('rw', [db.packs, db.outbox, db.photos, db.meta], async () => {
    const [live, photos] = await Promise.all([db.outbox.where('live').equals(1).toArray(), db.photos.where('state').notEqual('have').toArray()])
    const busy = new Set([...live.map((op) => op.record), ...photos.flatMap((photo) => photo.records)])
    const out: string[] = []
    await db.base.each((row) => {
      if (!holds(rule, row) && !busy.has(row.id)) out.push(row.id)
    })
    await db.base.bulkDelete(out)
    // What is still at work stays until it is done: then the next look takes it.
    if (busy.size === 0) await keepsAll(db, rule)
    return out.length
  })
  if (gone > 0) await note(db, 'window.pruned', { rows: gone, since: rule.since, level: rule.level })
  return gone
}

/** All that is here this rule holds: there is nothing to remove. */
export async function keepsAll(db: Store, rule: Hold): Promise<void> {
  await setMeta(db, 'pruned', mark(rule))
}

function mark(rule: Hold): string {
  return `${rule.level}@${rule.since}`
}
