/**
 * Brings the base up to the server; a page and its cursor are stored in one transaction.
 *
 * Which of two states of a record is newer, its revision says: numbers (`seq`) compare inside one scope only.
 */
import { callJson, type Fetch, Problem } from '@/api/client'

import { makingRoom, sendAgain } from '@/media/kept'

import { type BaseRow, getMeta, note, setMeta, type Store } from './db'
import { nearlyFilled, setFilling } from './filling'
import { askAgain, SCHEMA } from './outbox'
import { type Hold, keepsAll, NARROWEST, prune } from './window'

/** The record left `scope` as revision `rev`. A server of before per-scope numbers sends neither. */
interface Gone {
  id: string
  scope?: string
  seq: number
  rev?: number
  gone: 'deleted' | 'moved'
}

interface Page {
  cursor: string
  more: boolean
  now: string
  changes: (BaseRow | Gone)[]
  drop_scopes: string[]
  /** Left out by a server of before the window. */
  held?: Hold
}

const FIRST_PAGE = 1_000
const LARGEST_PAGE = 5_000
/** A page that came and was stored within this time may be followed by a larger one. */
const QUICK_MS = 3_000

/**
 * Pulls until there is no more, scopes of `again` from their beginning; the number of changes. 410 clears the base, never
 * the outbox. While pages follow one another lists are read by the clock, until the caller says `setFilling(false)`.
 */
export async function pullAll(db: Store, call: Fetch, now: () => Date, again: string[] = []): Promise<number> {
  const began = now().getTime()
  let count = 0
  let limit = FIRST_PAGE
  let coming: Promise<Came> | undefined
  let storing = 0
  /** What this run has brought, where it began with nothing: no other row is here. */
  let brought = (await db.packs.count()) === 0 ? new Set<string>() : undefined
  for (let fresh = false; ; ) {
    const cursor = await getMeta<string>(db, 'cursor')
    let came: Came
    try {
      came = await (coming ?? ask(call, now, limit, cursor, await getMeta<Hold>(db, 'held'), again))
    } catch (error) {
      coming = undefined
      if (!(error instanceof Problem) || error.code !== 'resync' || fresh) throw error
      await startAgain(db)
      brought = new Set()
      fresh = true
      continue
    }
    const { page } = came
    if (!page) break
    coming = undefined
    again = []
    if (await widened(db, page)) {
      // Older records are held from now on than were sent before: only a new beginning brings them.
      await startAgain(db)
      brought = new Set()
      continue
    }
    if (page.more) {
      setFilling(true)
      // Few large pages, once one is there; the next one is on its way while this one is stored.
      if (came.ms + storing < QUICK_MS) limit = Math.min(LARGEST_PAGE, limit * 2)
      coming = ask(call, now, limit, page.cursor, page.held, [])
      coming.catch(() => {}) // is told when its turn comes
    }
    const started = now().getTime()
    await makingRoom(db, () => keepPage(db, page, cursor === undefined, brought))
    storing = now().getTime() - started
    for (const { id } of page.changes) brought?.add(id)
    count += page.changes.length
    if (!page.more) break
  }
  nearlyFilled()
  await settle(db, began)
  await prune(db)
  if (await overBudget(db, now().getTime())) return count + (await pullAll(db, call, now))
  return count
}

interface Came {
  /** Left out when there is nothing to tell. */
  page: Page | undefined
  /** How long it took. */
  ms: number
}

async function ask(call: Fetch, now: () => Date, limit: number, cursor: string | undefined, held: Hold | undefined, again: string[]): Promise<Came> {
  const began = now().getTime()
  const query = new URLSearchParams({ limit: String(limit), schema: String(SCHEMA), ...(cursor ? { cursor, ...(held ? { level: String(held.level) } : {}) } : {}), ...(again.length > 0 ? { again: again.join(',') } : {}) })
  const page = await callJson<Page | undefined>(call, `/api/v1/sync/pull?${query.toString()}`, { timeoutMs: 60_000 })
  return { page, ms: now().getTime() - began }
}

/** Forgets the base, never the outbox; and asks at the next registration whether the server still has what it had. */
async function startAgain(db: Store): Promise<void> {
  await db.transaction('rw', [db.packs, db.meta], async () => {
    await db.base.clear()
    await db.meta.bulkDelete(['cursor', 'held', 'pruned'])
    await askAgain(db)
  })
}

async function keepPage(db: Store, page: Page, first: boolean, brought: ReadonlySet<string> | undefined): Promise<void> {
  await db.transaction('rw', [db.packs, db.outbox, db.meta, db.photos, db.photoBytes], async () => {
    for (const scope of page.drop_scopes ?? []) await db.base.dropScope(scope)
    // Where there is nothing to ask the database nothing is awaited: the transaction might end with that.
    const known = page.changes.map((change) => change.id).filter((id) => !brought || brought.has(id))
    const held = known.length > 0 ? await db.base.some(known) : new Map<string, BaseRow>()
    const rows = new Map<string, BaseRow>()
    const gone = new Map<string, number>()
    for (const change of page.changes) {
      const before = rows.get(change.id) ?? (gone.has(change.id) ? undefined : held.get(change.id))
      if ('gone' in change) {
        if (before && outlives(before, change)) continue
        rows.delete(change.id)
        gone.set(change.id, change.rev ?? 0)
      } else if (change.rev >= (before?.rev ?? gone.get(change.id) ?? 0)) {
        rows.set(change.id, change)
        gone.delete(change.id)
      }
    }
    const out = [...held.keys()].filter((id) => rows.has(id) || gone.has(id))
    if (out.length > 0) await db.base.bulkDelete(out)
    if (rows.size > 0) await db.base.add(rows.values())
    await db.outbox
      .where('live')
      .equals(1)
      .and((op) => op.status === 'acked' && (gone.has(op.record) || (op.rev ?? 0) <= (rows.get(op.record)?.rev ?? -1)))
      .modify({ live: 0 })
    await sendAgain(db, [...rows.values()].flatMap((row) => row.missing ?? []))
    await setMeta(db, 'cursor', page.cursor)
    // Only a cursor tells that the server began anew: what it was sent before there was one may be lost.
    if (first && (await db.outbox.where('status').notEqual('queued').count()) > 0) await askAgain(db)
    if (page.held) await setMeta(db, 'held', page.held)
    if (page.held && first && brought) await keepsAll(db, page.held)
  })
}

async function widened(db: Store, page: Page): Promise<boolean> {
  const before = await getMeta<Hold>(db, 'held')
  return page.held !== undefined && before !== undefined && page.held.level === before.level && page.held.since < before.since
}

const REPLAN_MS = 24 * 3_600_000

/** More rows than the server allows a phone: it begins anew, once a day at most, and the server sends less. */
async function overBudget(db: Store, now: number): Promise<boolean> {
  const held = await getMeta<Hold>(db, 'held')
  if (!held || held.level >= NARROWEST || !(await db.base.isMoreThan(held.rows))) return false
  if (((await getMeta<number>(db, 'replanned')) ?? 0) > now - REPLAN_MS) return false
  await setMeta(db, 'replanned', now)
  await note(db, 'window.over', { rows: await db.base.count(), level: held.level })
  await startAgain(db)
  return true
}

/** A record that moved to another scope of ours carries the notice's own revision: the row stays. */
function outlives(row: BaseRow, notice: Gone): boolean {
  return notice.rev === undefined ? row.seq >= notice.seq : row.rev >= notice.rev
}

/** What was acknowledged before a whole pull and is not in the base by now lies outside this person's view. */
async function settle(db: Store, began: number): Promise<void> {
  await db.outbox
    .where('live')
    .equals(1)
    .and((op) => op.status === 'acked' && (op.acked_at ?? 0) < began)
    .modify({ live: 0 })
}
