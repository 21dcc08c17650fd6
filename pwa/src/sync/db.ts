/**
 * One IndexedDB database per person on this phone.
 *
 * `base` holds what the server said (in packs, see base.ts), `outbox` what this phone did; a screen shows the fold of both.
 * Bytes of photos lie in their own store as ArrayBuffers: WebKit loses file-backed blobs (WebKit bug 292142).
 */
import Dexie, { type EntityTable, type Table } from 'dexie'

import type { Entry, KindName } from '@/api/kinds'

import { Base, type Pack, packed } from './base'
import type { Skew } from './clock'
import type { Tick } from './timing'

export interface BaseRow {
  id: string
  kind: KindName
  scope: string
  seq: number
  rev: number
  state: string
  author: string | null
  at: string
  data: Record<string, unknown>
  facts: Record<string, unknown>
  log: Entry[]
  missing: string[]
}

export interface Issue {
  path: string
  code: string
}

/** A field that two people changed: the server's value was kept, this phone's was not. */
export interface Conflict {
  field: string
  kept: unknown
  refused: unknown
}

export type OpStatus = 'queued' | 'acked' | 'rejected' | 'conflict'

export interface OutRow {
  /** Order in which things were done on this phone, over all device ids. */
  seq?: number
  device: string
  /** Number that the server counts for this device. */
  n: number
  op: 'put' | 'event' | 'delete'
  kind: KindName
  /** The record it changes. */
  record: string
  /** The operation's own id: the record's for put and delete, the event's for an event. */
  id: string
  type: string
  base: number
  at: string
  data: Record<string, unknown>
  schema: number
  status: OpStatus
  /** 1 while the fold or a person still needs it; 0 once the base holds it or the problem is settled. */
  live: 0 | 1
  /** 1 from the moment a request with it leaves until its answer is stored. */
  flying: 0 | 1
  /** Revision it became on the server. */
  rev?: number
  code?: string
  issues?: Issue[]
  conflicts?: Conflict[]
  /** What else the server said about a refusal. */
  facts?: Record<string, unknown>
  acked_at?: number
  /** What the server's clock was ahead of this device's when it was made, if that was known then or is since. */
  skew?: Skew
  /** Where the clocks stood then, until the operation leaves. */
  tick?: Tick
}

/** held: attached, record not saved · waiting: to be sent · have: the server proved it has it · refused: a no that only time may change. */
export type PhotoState = 'held' | 'waiting' | 'have' | 'refused'

export interface PhotoRow {
  sha256: string
  size: number
  type: string
  name: string | null
  state: PhotoState
  records: string[]
  /** Bytes the server has acknowledged. */
  offset: number
  url: string | null
  sending: 0 | 1
  code: string | null
  added_at: number
  /** When the server proved that it has it; the bytes stay for a while after. */
  sent_at?: number
  /** Did not get in for the nth time, and goes again by itself at that time, epoch ms. */
  again?: { n: number; at: number }
  /** The person wants this one to go, whatever was chosen for the others. */
  urgent?: 1
  /** This phone has signed what it says of it, see custody/capture.ts. */
  signed?: 1
}

/** What this phone signed of a photo. sent: 0 the server has not heard it · 1 it has · 2 it refused it for good. */
export interface CaptureRow {
  device: string
  n: number
  sha256: string
  jws: string
  sent: 0 | 1 | 2
}

export interface BytesRow {
  sha256: string
  bytes: ArrayBuffer
}

export interface DraftRow {
  key: string
  state: unknown
  at: number
}

export interface MetaRow {
  key: string
  value: unknown
}

export interface LogRow {
  id?: number
  at: number
  event: string
  facts: Record<string, unknown>
}

export interface Device {
  id: string
  /** Number of the last operation made under this id. */
  n: number
  registered: boolean
  /** How often the server had begun anew from a backup when this phone last registered; goes with every push. */
  epoch?: number
  /** The server has been told this phone's public key, where there is one. */
  keyed?: boolean
}

export class Store extends Dexie {
  readonly base: Base
  packs!: Table<Pack, number>
  outbox!: EntityTable<OutRow, 'seq'>
  photos!: EntityTable<PhotoRow, 'sha256'>
  photoBytes!: EntityTable<BytesRow, 'sha256'>
  thumbs!: EntityTable<BytesRow, 'sha256'>
  captures!: Table<CaptureRow, [string, number]>
  drafts!: EntityTable<DraftRow, 'key'>
  meta!: EntityTable<MetaRow, 'key'>
  log!: Table<LogRow, number>

  constructor(
    readonly person: string,
    name = `mingcha-${person}`,
  ) {
    // Relaxed durability reports success before the bytes are on disk. Dexie's own cache would copy whole lists.
    super(name, { chromeTransactionDurability: 'strict', cache: 'disabled' })
    this.version(1).stores({
      base: 'id, kind, scope',
      outbox: '++seq, record, status, [kind+live], [device+n], live',
      photos: 'sha256, state, *records',
      photoBytes: 'sha256',
      thumbs: 'sha256',
      drafts: 'key',
      meta: 'key',
      log: '++id',
    })
    this.version(2).stores({ captures: '[device+n], sent' })
    this.version(3).stores({ base: 'id, kind, scope, [kind+state]' })
    this.version(4)
      .stores({ base: null, packs: '++no, [kind+state], scope, &*ids' })
      .upgrade(async (upgrading) => {
        await upgrading.table('packs').bulkAdd(packed(await upgrading.table<BaseRow>('base').toArray()))
      })
    this.base = new Base(this)
    this.on('versionchange', () => this.close())
  }

  /** Dexie never again asks a browser that once could not open the database: now it does. Not after `close()`. */
  revive(): void {
    if (this.hasFailed() && !this.hasBeenClosed()) this.close({ disableAutoOpen: false })
  }
}

let open: Store | undefined

/** Opens this person's database; another person's stays closed and untouched. */
export function openStore(person: string): Store {
  if (open?.person !== person) {
    open?.close()
    open = new Store(person)
    void open.open().catch(() => undefined) // meanwhile the page is made; whoever reads is told what is the matter
  }
  return open
}

export function closeStore(): void {
  open?.close()
  open = undefined
}

/** The signed-in person's database. Error when nobody has signed in on this phone. */
export function store(): Store {
  if (!open) throw new Error('no person has signed in')
  open.revive()
  return open
}

/** For tests: use this database as the open one. */
export function adoptStore(given: Store): void {
  open = given
}

/** Begins the keys of what is being drawn on a photo, by its SHA-256. Such a draft is no form. */
export const MARKS = 'marks:'

export const formDrafts = (db: Store) => db.drafts.filter(({ key }) => !key.startsWith(MARKS))

/** A form's state as it is kept: without what only lives in the page. */
export function draftRow(key: string, state: unknown): DraftRow {
  return { key, state: JSON.parse(JSON.stringify(state)), at: Date.now() }
}

export async function getMeta<T>(db: Store, key: string): Promise<T | undefined> {
  return (await db.meta.get(key))?.value as T | undefined
}

export async function setMeta(db: Store, key: string, value: unknown): Promise<void> {
  await db.meta.put({ key, value })
}

const LOG_LIMIT = 500

/** Appends to the ring of sync events that the person can export when something is odd. */
export async function note(db: Store, event: string, facts: Record<string, unknown> = {}): Promise<void> {
  const id = await db.log.add({ at: Date.now(), event, facts })
  if (id % 50 === 0) await db.log.where(':id').belowOrEqual(id - LOG_LIMIT).delete()
}
