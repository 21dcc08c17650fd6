/** The one door to records for every screen: live views, saving, drafts. */
import { liveQuery } from 'dexie'
import { type MaybeRefOrGetter, type Ref, onScopeDispose, shallowRef, toValue, watch } from 'vue'

import type { Bodies, KindName, PhotoRef } from '@/api/kinds'
import { eventFrom } from '@/api/rules'
import { isFull, savingText } from '@/media/kept'

import { broken, isLost, whenItAnswers } from './broken'
import { poke } from './bus'
import { draftRow, type OutRow, type PhotoRow, store as openedStore } from './db'
import { isFilling, onFilling } from './filling'
import { fold, type Rec, type Self } from './fold'
import * as outbox from './outbox'

export { newId, madeAt } from './ids'
import { SaveRefused } from './outbox'

export { SaveRefused } from './outbox'
export type { Rec, RecProblem, Where } from './fold'

/** A photo as `attach` gave it, or a reference that the record already had. */
export type PhotoLike = PhotoRef & { id?: string; preview?: string }

let self: Self = { id: '', name: '' }

/** Who works on this phone; the session tells it at sign-in. */
export function setSelf(me: Self): void {
  self = me
}

export async function getRecord<K extends KindName>(kind: K, id: string): Promise<Rec<K> | undefined> {
  const db = openedStore()
  const [base, ops, photos] = await Promise.all([
    db.base.get(id),
    outbox.liveOps(db, id),
    db.photos.where('records').equals(id).toArray(),
  ])
  if (base && base.kind !== kind) return undefined
  if (!base && ops.some((op) => op.kind !== kind)) return undefined
  return fold(kind, id, base, ops, photos, self)?.view
}

async function list<K extends KindName>(kind: K, states?: readonly string[]): Promise<Rec<K>[]> {
  return (await readRecords([{ kind, states }], [])) as never
}

/** Which records of a kind: those that are in one of these states on the server; left out: all. */
export interface Wanted {
  kind: KindName
  states?: readonly string[] | undefined
}

/**
 * Records of several kinds as they stood at one moment, newest change first: those wanted, those of these kinds that
 * this phone has changed since, and those named. What nobody asks for is not read: a phone keeps thousands that are over.
 */
export async function readRecords(wanted: readonly Wanted[], named: readonly string[]): Promise<Rec[]> {
  const db = openedStore()
  const [rows, live, photos] = await Promise.all([
    Promise.all(wanted.map(({ kind, states }) => (states ? db.base.inStates(kind, states) : db.base.ofKinds([kind])))),
    db.outbox.where('[kind+live]').anyOf(wanted.map(({ kind }) => [kind, 1])).sortBy('seq'),
    db.photos.where('state').equals('waiting').toArray(),
  ])
  const bases = new Map(rows.flat().map((row) => [row.id, row]))
  const opsOf = group(live, (op: OutRow) => [op.record])
  const photosOf = group(photos, (photo: PhotoRow) => photo.records)
  const others = [...new Set([...opsOf.keys(), ...named])].filter((id) => !bases.has(id))
  for (const [id, row] of await db.base.some(others)) bases.set(id, row)
  const views: Rec[] = []
  for (const id of new Set([...bases.keys(), ...opsOf.keys()])) {
    const base = bases.get(id)
    const ops = opsOf.get(id) ?? []
    const folded = fold(base?.kind ?? ops[0]!.kind, id, base, ops, photosOf.get(id) ?? [], self)
    if (folded) views.push(folded.view)
  }
  return views.sort(newestFirst)
}

function newestFirst(a: Rec, b: Rec): number {
  return a.at < b.at ? 1 : a.at > b.at ? -1 : a.id < b.id ? 1 : -1
}

function group<T>(items: T[], keys: (item: T) => string[]): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    for (const key of keys(item)) {
      const group = groups.get(key)
      if (group) group.push(item)
      else groups.set(key, [item])
    }
  }
  return groups
}

/** Pause before a live value is read again while many records come in, ms; each is twice as long as the last. */
const FILLING_MS = 3000

/** A live value from the database; follows every tab's changes. */
export function useLive<T>(read: () => Promise<T>, depends?: () => unknown): Ref<T | undefined> {
  const value = shallowRef<T>()
  let stop = () => {}
  const start = () => {
    stop()
    stop = isFilling() ? byTheClock(read, value) : byChange(read, value)
  }
  const still = onFilling(start)
  if (depends) {
    watch(depends, start, { immediate: true })
    onScopeDispose(() => stop())
  } else {
    // Each in a task of its own: a page with six of them answers touches in between.
    const timer = setTimeout(start)
    onScopeDispose(() => {
      clearTimeout(timer)
      stop()
    })
  }
  onScopeDispose(still)
  return value
}

function byChange<T>(read: () => Promise<T>, value: Ref<T | undefined>): () => void {
  let forget = () => {}
  let stop = () => {}
  const follow = () => {
    stop()
    // Dexie keeps to itself that a connection was closed during the reading: the list would stand still.
    const subscription = liveQuery(() => read().catch(lost)).subscribe({
      next: (result) => (value.value = result),
      error: (error: unknown) => {
        if (isLost(error, true)) return // it is being asked
        broken.value = true // a list that stops following would show old things as if they were new
        queueMicrotask(() => { throw error })
      },
    })
    stop = () => subscription.unsubscribe()
  }
  const lost = (error: unknown): never => {
    if (isLost(error, true)) {
      forget()
      forget = whenItAnswers(follow)
    }
    throw error
  }
  follow()
  return () => {
    forget()
    stop()
  }
}

function byTheClock<T>(read: () => Promise<T>, value: Ref<T | undefined>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let over = false
  let pause = FILLING_MS
  const again = async () => {
    const result = await read()
    if (over) return
    value.value = result
    timer = setTimeout(() => void again(), pause)
    pause *= 2
  }
  timer = setTimeout(() => void again(), value.value === undefined ? 0 : pause)
  return () => {
    over = true
    clearTimeout(timer)
  }
}

/** One record, live; undefined while loading, null when this phone has none. */
export function useRecord<K extends KindName>(
  kind: K,
  id: MaybeRefOrGetter<string | undefined>,
): Ref<Rec<K> | null | undefined> {
  return useLive(
    async () => {
      const wanted = toValue(id)
      return (wanted && (await getRecord(kind, wanted))) || null
    },
    () => toValue(id),
  )
}

/** Whether it was filled in for practice: it never counts. */
export function isPractice(record: { data: object }): boolean {
  return (record.data as { practice?: boolean }).practice === true
}

/**
 * All records of a kind on this phone, newest change first; undefined while loading. Those of practice only where they are asked for.
 * `states`: only those that the server has in one of these, and those that this phone has changed since: the others are not read.
 */
export function useRecords<K extends KindName>(
  kind: K,
  opts: { where?: (record: Rec<K>) => boolean; limit?: number; practice?: boolean; states?: readonly string[] } = {},
): Ref<Rec<K>[] | undefined> {
  return useLive(async () => {
    const every = await list(kind, opts.states)
    const all = opts.practice ? every : every.filter((record) => !isPractice(record))
    const some = opts.where ? all.filter(opts.where) : all
    return opts.limit === undefined ? some : some.slice(0, opts.limit)
  })
}

export interface SaveOptions {
  event?: { type: string; data?: object }
  /** The record's whole list of photos after this save; left out: unchanged. */
  photos?: PhotoLike[]
  /** Form state to clear with the save, besides `<kind>:<id>`. */
  draft?: string
  /** What was typed and is not fit to be sent yet: it stays as the draft. */
  unfit?: unknown
}

/**
 * Stores a change of one record on this phone, and its event, in one transaction; sending follows by itself.
 *
 * Idempotent: the same content again stores nothing. SaveRefused when the record's state forbids it.
 */
export async function save<K extends KindName>(
  kind: K,
  id: string,
  patch: Partial<Bodies[K]>,
  opts: SaveOptions = {},
): Promise<void> {
  const given = patch as Record<string, unknown>
  const photos = opts.photos ?? (given.photos as PhotoLike[] | undefined)
  const db = openedStore()
  await savingText(db, () => outbox.store(db, self, new Date(), {
    kind,
    id,
    patch: photos ? { ...given, photos: photos.map(reference) } : given,
    ...(opts.event ? { event: { type: opts.event.type, data: { ...opts.event.data } } } : {}),
    put: true,
    drafts: opts.draft ? [opts.draft] : [],
    ...(opts.unfit === undefined ? {} : { left: draftRow(`${kind}:${id}`, opts.unfit) }),
  }))
  if (photos?.length) signSoon()
  poke('save')
}

/** Has this phone sign what it says of the photos just saved; what fails now is done after the next sync. */
function signSoon(): void {
  const db = openedStore()
  void import('@/custody/capture').then(({ signCaptures }) => signCaptures(db, new Date())).catch(() => undefined)
}

/** Stores an event alone: a decision, a milestone. `photos` become the event's photos; `at`: when it happened, if not now. `draft` goes with it. */
export async function act(
  kind: KindName,
  id: string,
  type: string,
  data: object = {},
  photos?: PhotoLike[],
  at: Date = new Date(),
  draft?: string,
): Promise<void> {
  const db = openedStore()
  await savingText(db, () => outbox.store(db, self, at, {
    kind,
    id,
    patch: {},
    event: { type, data: photos ? { ...data, photos: photos.map(reference) } : { ...data } },
    put: false,
    drafts: draft ? [draft] : [],
  }))
  if (photos?.length) signSoon()
  poke('act')
}

/** Corrects a record that was handed in: the fields that differ, and why. False when nothing differs. */
export async function amend(kind: KindName, id: string, wanted: Record<string, unknown>, reason: string): Promise<boolean> {
  const record = await getRecord(kind, id)
  const rule = record && eventFrom(kind, record.state, 'amend')
  if (!record || !rule) throw new SaveRefused('bad_transition')
  const photos = (wanted.photos as PhotoLike[] | undefined)?.map(reference)
  const allowed = Object.fromEntries(Object.entries({ ...wanted, ...(photos ? { photos } : {}) }).filter(([field]) => rule.amends.includes(field)))
  const changes = outbox.difference(allowed, record.data)
  if (Object.keys(changes).length === 0) return false
  await act(kind, id, 'amend', { reason, changes }, undefined, new Date(), `amend:${kind}:${id}`)
  return true
}

/** Deletes a draft. */
export async function removeRecord(kind: KindName, id: string): Promise<void> {
  await outbox.remove(openedStore(), self, new Date(), kind, id)
  poke('delete')
}

/** What travels in a body: the reference without the phone's own fields. */
function reference(photo: PhotoLike): PhotoRef {
  const ref = { ...photo }
  delete ref.id
  delete ref.preview
  return ref
}

/** Keeps a form's state, so that a killed app comes back to it. Call it on every change; debounce with `useDraft`. */
export async function saveDraft(key: string, state: unknown): Promise<void> {
  const db = openedStore()
  await savingText(db, () => db.drafts.put(draftRow(key, state)))
}

export async function loadDraft<T>(key: string): Promise<T | undefined> {
  return (await openedStore().drafts.get(key))?.state as T | undefined
}

export async function dropDraft(key: string): Promise<void> {
  await openedStore().drafts.delete(key)
}

/** Keys of all drafts, newest first, to offer "go on where you stopped". */
export function useDrafts(): Ref<{ key: string; at: number; state: unknown }[] | undefined> {
  return useLive(async () => (await openedStore().drafts.toArray()).sort((a, b) => b.at - a.at))
}

/** Why something was not stored; `''` when it was. */
export type Unstored = '' | 'full' | 'failed'

export function unstored(error: unknown): Unstored {
  return isFull(error) ? 'full' : 'failed'
}

const AGAIN_MS = 5_000

/**
 * Saves `state()` 300 ms after its last change, and at once when the page is hidden (the camera may kill it). What cannot
 * be stored is tried again until it is; `lacks` says why meanwhile.
 */
export function useDraft(key: () => string, state: () => unknown, enabled: () => boolean = () => true): { flush: () => Promise<void>; lacks: Ref<Unstored> } {
  const lacks = shallowRef<Unstored>('')
  let timer: ReturnType<typeof setTimeout> | undefined
  let gone = false
  const flush = async () => {
    clearTimeout(timer)
    timer = undefined
    try {
      if (enabled()) await saveDraft(key(), state())
      lacks.value = ''
    } catch (error) {
      lacks.value = unstored(error)
      clearTimeout(timer)
      if (!gone) timer = setTimeout(() => void flush(), AGAIN_MS)
      throw error
    }
  }
  const soon = () => {
    clearTimeout(timer)
    timer = setTimeout(() => void flush(), 300)
  }
  const hidden = () => {
    if (document.visibilityState === 'hidden' && timer !== undefined) void flush()
  }
  watch(state, soon, { deep: true })
  document.addEventListener('visibilitychange', hidden)
  onScopeDispose(() => {
    gone = true
    document.removeEventListener('visibilitychange', hidden)
    if (timer !== undefined) void flush()
  })
  return { flush, lacks }
}
