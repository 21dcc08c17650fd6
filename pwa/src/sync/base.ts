/**
 * What the server said, in packs: rows of one kind, state and scope lie together as one text, fifty at most.
 *
 * A slow phone needs half a millisecond for each thing it stores, however small, and longer for an object than for the
 * text of it. Each row lies in one pack; the index over ids is unique, so that a write which would double one fails whole.
 * A pack never changes: what is left of one becomes another, with another number.
 */
import Dexie, { type Collection } from 'dexie'

import type { KindName } from '@/api/kinds'

import type { BaseRow, Store } from './db'
import { isFilling } from './filling'

export interface Pack {
  no?: number
  kind: KindName
  state: string
  scope: string
  /** Of the rows, in their order. */
  ids: string[]
  /** JSON. */
  rows: string
}

const MOST = 50
/**
 * Packs stored in one go; a touch is answered in between. Of fifty and more Dexie tells live lists only that something
 * has changed, of fewer it notes each id, which takes as long as storing them.
 */
const PART = 50
/** From so many ids on, all packs are read rather than each looked up. */
const MANY = 200

export function packed(rows: Iterable<BaseRow>): Pack[] {
  const open = new Map<string, BaseRow[]>()
  const groups: BaseRow[][] = []
  for (const row of rows) {
    const alike = JSON.stringify([row.kind, row.state, row.scope])
    let group = open.get(alike)
    if (!group || group.length === MOST) {
      group = []
      open.set(alike, group)
      groups.push(group)
    }
    group.push(row)
  }
  return groups.map((group) => {
    const { kind, state, scope } = group[0]!
    return { kind, state, scope, ids: group.map((row) => row.id), rows: JSON.stringify(group) }
  })
}

export const rowsOf = (pack: Pack): BaseRow[] => JSON.parse(pack.rows) as BaseRow[]

export class Base {
  /** Packs that were read while many records come in: lists are read again and again then. */
  private readonly known = new Map<number, BaseRow[]>()

  constructor(private readonly db: Store) {}

  async get(id: string): Promise<BaseRow | undefined> {
    const pack = await this.db.packs.where('ids').equals(id).first()
    return pack && rowsOf(pack)[pack.ids.indexOf(id)]
  }

  /** The rows that are here of these, by id. */
  async some(ids: readonly string[]): Promise<Map<string, BaseRow>> {
    const wanted = new Set(ids)
    return new Map((await this.packsOf(wanted)).flatMap(rowsOf).flatMap((row) => (wanted.has(row.id) ? [[row.id, row]] : [])))
  }

  async ofKinds(kinds: readonly KindName[]): Promise<BaseRow[]> {
    return (await Promise.all(kinds.map((kind) => this.read(this.db.packs.where('[kind+state]').between([kind], [kind, []]))))).flat()
  }

  async inStates(kind: KindName, states: readonly string[]): Promise<BaseRow[]> {
    return (await Promise.all(states.map((state) => this.read(this.db.packs.where('[kind+state]').equals([kind, state]))))).flat()
  }

  async ofScope(scope: string): Promise<BaseRow[]> {
    return this.read(this.db.packs.where('scope').equals(scope))
  }

  async each(look: (row: BaseRow) => void): Promise<void> {
    await this.db.packs.each((pack) => rowsOf(pack).forEach(look))
  }

  async toArray(): Promise<BaseRow[]> {
    return this.read(this.db.packs.toCollection())
  }

  count(): Promise<number> {
    return this.db.packs.orderBy('ids').count()
  }

  /** Like `count() > most`, without counting where the packs could not hold so many. */
  async isMoreThan(most: number): Promise<boolean> {
    return (await this.db.packs.count()) * MOST > most && (await this.count()) > most
  }

  /** Rows of which none is here yet; ConstraintError when one is. */
  async add(rows: Iterable<BaseRow>): Promise<void> {
    const packs = packed(rows)
    for (let from = 0; from < packs.length; from += PART) await this.db.packs.bulkAdd(packs.slice(from, from + PART))
  }

  async bulkPut(rows: readonly BaseRow[]): Promise<void> {
    if (rows.length === 0) return
    await this.db.transaction('rw', this.db.packs, async () => {
      await this.takeOut(rows.map((row) => row.id))
      await this.add(rows)
    })
  }

  async bulkDelete(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return
    await this.db.transaction('rw', this.db.packs, () => this.takeOut(ids))
  }

  async dropScope(scope: string): Promise<void> {
    await this.db.packs.where('scope').equals(scope).delete()
  }

  async clear(): Promise<void> {
    await this.db.packs.clear()
  }

  private async takeOut(ids: readonly string[]): Promise<void> {
    const out = new Set(ids)
    const packs = await this.packsOf(out)
    await this.db.packs.bulkDelete(packs.map((pack) => pack.no!))
    await this.add(packs.flatMap(rowsOf).filter((row) => !out.has(row.id)))
  }

  private async read(packs: Collection<Pack, number>): Promise<BaseRow[]> {
    // A transaction may see packs of its own that are undone with it.
    if (!isFilling() || Dexie.currentTransaction) {
      this.known.clear()
      return (await packs.toArray()).flatMap(rowsOf)
    }
    return this.db.transaction('r', this.db.packs, async () => {
      const numbers = await packs.primaryKeys()
      for (const pack of await this.db.packs.bulkGet(numbers.filter((no) => !this.known.has(no)))) this.known.set(pack!.no!, rowsOf(pack!))
      return numbers.flatMap((no) => this.known.get(no)!)
    })
  }

  private async packsOf(ids: ReadonlySet<string>): Promise<Pack[]> {
    if (ids.size === 0) return []
    if (ids.size > MANY) return (await this.db.packs.toArray()).filter((pack) => pack.ids.some((id) => ids.has(id)))
    return this.db.packs.where('ids').anyOf([...ids]).distinct().toArray()
  }
}
