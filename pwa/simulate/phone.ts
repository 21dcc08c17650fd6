/** A phone: the app's own database, outbox and sync loop, which may be killed at any operation and opened again. */
import Dexie from 'dexie'

import { type Call, type Fetch, Unreachable } from '@/api/client'
import { adoptStore, type OutRow, Store } from '@/sync/db'
import type { Self } from '@/sync/fold'
import { SyncLoop } from '@/sync/loop'
import { setSelf } from '@/sync/records'

import type { Asker, Network } from './network'
import { older } from './release'
import type { World } from './world'

/** The phone went off: whatever still runs of the app has no effect any more. */
export class Dead extends Error {
  constructor() {
    super('the phone is off')
    this.name = 'Dead'
  }
}

/** An operation that a phone has stored: the promise begins here. */
export interface Stored {
  phone: string
  /** True when a copy of this phone holds the operation too. */
  copied: boolean
  op: OutRow['op']
  kind: string
  record: string
  id: string
  type: string
  at: string
  base: number
  data: Record<string, unknown>
  /** The version of the app that wrote it. */
  schema: number
}

type Raw = { abort: () => void; addEventListener: (event: string, then: () => void) => void }
/** What a transaction has done so far: operations stored, rows of the base removed on which there was work to be sent, a page kept. */
type Doing = { stored?: Stored[]; taken?: string[]; paged?: boolean }

/** One start of the app, until it is killed. */
class Life {
  alive = true
  readonly open = new Set<Raw>()
}

export class Phone implements Asker {
  db!: Store
  readonly journal: Stored[] = []
  deaths = 0
  /** Somebody has copied this phone, or it is a copy. */
  copied = false
  /** Records that left the base while work on them was still to be sent, and no page of the server said so. */
  readonly taken: string[] = []
  /** It fell into the river: nobody will see it again. */
  lost = false
  /** Database and network operations so far. */
  operations = 0
  /** The phone dies when it comes to this operation. */
  dieAt = Infinity
  /** Until this hour of the world there is no signal where the phone is. */
  awayUntil = 0
  private life!: Life
  private loop!: SyncLoop
  private blocked = () => {}
  private waiting = 0

  constructor(
    readonly name: string,
    readonly self: Self,
    readonly role: string,
    readonly home: string,
    public token: string,
    readonly base: string,
    /** Milliseconds by which the phone's clock is ahead. */
    readonly skew: number,
    private readonly world: World,
    private readonly network: Network,
    private readonly trace: (line: string) => void,
    /** The version of the app on it; below `release` it writes the older form. */
    public schema: number,
    private readonly release: number,
  ) {}

  get now(): Date {
    return new Date(this.world.now + this.skew)
  }

  get on(): boolean {
    return this.life?.alive ?? false
  }

  /** Waits for an answer. */
  get busy(): boolean {
    return this.waiting > 0
  }

  /** Opens the database and starts the loop, as a page does that was just loaded. */
  async start(): Promise<void> {
    const life = new Life()
    this.life = life
    this.waiting = 0
    this.db = this.openStore(life)
    const later = (then: () => void, ms: number) => {
      if (!life.alive) return () => {}
      const due = this.world.later(ms, () => (life.alive ? this.step(then) : undefined))
      return () => this.world.drop(due)
    }
    const loop = new SyncLoop(this.db, this.fetchOf(life), {
      now: () => this.world.now + this.skew,
      clock: () => this.world.now,
      random: () => this.world.dice.next(),
      later,
    })
    this.loop = loop
    await new Promise<void>((resolve) => {
      this.blocked = resolve
      void loop.start().then(() => loop.rest()).then(() => this.blocked(), () => this.blocked())
    })
  }

  /** The app is told that something was saved, or that the person wants to sync. */
  async wake(): Promise<void> {
    if (this.waiting > 0) this.loop.wake()
    else await this.step(() => this.loop.wake())
  }

  /** Runs what makes the app go on, until it waits for the net, has nothing to do, or is dead. */
  private async step(act: () => void): Promise<void> {
    await new Promise<void>((resolve) => {
      this.blocked = resolve
      act()
      void this.loop.rest().then(() => this.blocked(), () => this.blocked())
    })
  }

  private fetchOf(life: Life): Fetch {
    return (path: string, call: Call = {}) =>
      new Promise<Response>((resolve, reject) => {
        try {
          this.count(life)
        } catch (error) {
          reject(error as Error)
          return
        }
        this.waiting++
        const settle = (answer: Response | Unreachable) => {
          if (!life.alive) return
          this.waiting--
          return this.step(() => (answer instanceof Unreachable ? reject(answer) : resolve(answer)))
        }
        if (this.awayUntil > this.world.now) {
          this.world.later(10, () => settle(new Unreachable()))
          this.blocked()
          return
        }
        void this.network.send(this, ofVersion(shorterPages(path, this.world), this.schema), call, settle).then(() => this.blocked())
      })
  }

  /** The app acts for its person: `use` may call the doors that screens use. */
  async act(use: (db: Store) => Promise<void>): Promise<void> {
    const life = this.life
    adoptStore(this.db)
    setSelf(this.self)
    try {
      await use(this.db)
    } catch (error) {
      if (life.alive) throw error
    }
  }

  /** Switches the phone off here and now: open transactions never happened. */
  kill(): void {
    const life = this.life
    if (!life.alive) return
    life.alive = false
    this.deaths++
    this.trace(`${this.name} dies at operation ${this.operations}`)
    this.loop.stop()
    for (const transaction of life.open) {
      try {
        transaction.abort()
      } catch {
        // It has just ended.
      }
    }
    this.db.close()
    this.blocked()
    this.world.later(this.world.dice.whole(100, 30_000), () => (this.life === life && !this.lost ? this.start() : undefined))
  }

  get old(): boolean {
    return this.schema < this.release
  }

  /** The next start is of the new app, with what the old one left behind. */
  upgrade(schema = this.release): void {
    this.trace(`${this.name} has the new app`)
    this.schema = schema
    this.kill()
  }

  /** Switched off for good. */
  lose(): void {
    this.lost = true
    this.kill()
  }

  private count(life: Life): void {
    if (!life.alive) throw new Dead()
    if (++this.operations < this.dieAt) return
    this.dieAt = Infinity
    this.kill()
    throw new Dead()
  }

  private openStore(life: Life): Store {
    const db = new Store(this.self.id, this.base)
    db.use({
      stack: 'dbcore',
      name: 'mortal',
      create: (core) => ({
        ...core,
        transaction: (stores, mode, options) => {
          this.count(life)
          const transaction = core.transaction(stores, mode, options)
          const raw = transaction as unknown as Raw & Doing
          life.open.add(raw)
          raw.addEventListener('abort', () => life.open.delete(raw))
          raw.addEventListener('complete', () => {
            life.open.delete(raw)
            if (raw.stored) this.journal.push(...raw.stored)
            if (raw.taken && !raw.paged) this.taken.push(...raw.taken)
          })
          return transaction
        },
        table: (name) => {
          const table = core.table(name)
          return {
            ...table,
            mutate: (request) => {
              this.count(life)
              const doing = request.trans as unknown as Doing
              if (name === 'outbox' && request.type === 'add') this.note(doing, request.values as OutRow[])
              if (name === 'meta' && request.type === 'put') doing.paged ||= (request.values as { key: string }[]).some(({ key }) => key === 'cursor')
              return table.mutate(request)
            },
            get: (request) => {
              this.count(life)
              return table.get(request)
            },
            getMany: (request) => {
              this.count(life)
              return table.getMany(request)
            },
            query: (request) => {
              this.count(life)
              return table.query(request)
            },
            openCursor: (request) => {
              this.count(life)
              return table.openCursor(request)
            },
            count: (request) => {
              this.count(life)
              return table.count(request)
            },
          }
        },
      }),
    })
    const remove = db.base.bulkDelete.bind(db.base)
    db.base.bulkDelete = async (ids) => {
      const now = Dexie.currentTransaction
      const busy = ids.length > 0 && now.storeNames.includes('outbox') ? await unsent(db) : new Set<string>()
      const doing = now.idbtrans as unknown as Doing
      doing.taken = [...(doing.taken ?? []), ...ids.filter((id) => busy.has(id))]
      return remove(ids)
    }
    return db
  }

  private note(transaction: Doing, rows: OutRow[]): void {
    transaction.stored ??= []
    for (const row of rows) {
      row.schema = this.schema
      if (this.old) row.data = older(row.kind, row.data)
      const { op, kind, record, id, type, at, base, data } = row
      transaction.stored.push({ phone: this.name, copied: false, op, kind, record, id, type, at, base, data: structuredClone(data), schema: this.schema })
    }
  }

  /** Begins as a copy of another phone: the same device id, the same queue. */
  async take(other: Phone): Promise<void> {
    const into = new Store(this.self.id, this.base)
    for (const table of other.db.tables) await into.table(table.name).bulkPut(await other.db.table(table.name).toArray())
    into.close()
  }

  /** Ends the app and removes its database. */
  async remove(): Promise<void> {
    this.life.alive = false
    this.loop.stop()
    this.db.close()
    await new Store(this.self.id, this.base).delete()
  }
}

/** Records with work or photos that are still to be sent. */
async function unsent(db: Store): Promise<Set<string>> {
  return new Set((await db.outbox.where('live').equals(1).toArray()).map((op) => op.record))
}

/** The app of before asks for what it can read. */
function ofVersion(path: string, schema: number): string {
  return path.startsWith('/api/v1/sync/pull') ? path.replace(/schema=\d+/, `schema=${schema}`) : path
}

/** Pages of a few rows, so that what happens between two pages happens often. */
function shorterPages(path: string, world: World): string {
  if (!path.startsWith('/api/v1/sync/pull') || !world.dice.chance(0.3)) return path
  return path.replace(/limit=\d+/, `limit=${world.dice.pick([2, 10, 30, 100])}`)
}
