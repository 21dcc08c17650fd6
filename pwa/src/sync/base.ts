/**
 * What the server said, in packs: rows of one kind, state and scope lie together, fifty at most.
 *
 * A slow phone needs half a millisecond for each thing it stores, however small; fifty rows in one take as long as
 * ten. Each row lies in one pack; the index over ids is unique, so that a write which would double one fails whole.
 */
import type { KindName } from '@/api/kinds'

import type { BaseRow, Store } from './db'

export interface Pack {
  no?: number
  kind: KindName
  state: string
  scope: string
  /** Of the rows, in their order. */
  ids: string[]
  rows: BaseRow[]
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
  const open = new Map<string, Pack>()
  const packs: Pack[] = []
  for (const row of rows) {
    const alike = JSON.stringify([row.kind, row.state, row.scope])
    let pack = open.get(alike)
    if (!pack || pack.rows.length === MOST) {
      pack = { kind: row.kind, state: row.state, scope: row.scope, ids: [], rows: [] }
      open.set(alike, pack)
      packs.push(pack)
    }
    pack.ids.push(row.id)
    pack.rows.push(row)
  }
  return packs
}

const rowsOf = (packs: readonly Pack[]): BaseRow[] => packs.flatMap((pack) => pack.rows)

export class Base {
  constructor(private readonly db: Store) {}

  async get(id: string): Promise<BaseRow | undefined> {
    return (await this.db.packs.where('ids').equals(id).first())?.rows.find((row) => row.id === id)
  }

  /** The rows that are here of these, by id. */
  async some(ids: readonly string[]): Promise<Map<string, BaseRow>> {
    const wanted = new Set(ids)
    return new Map(rowsOf(await this.packsOf(wanted)).flatMap((row) => (wanted.has(row.id) ? [[row.id, row]] : [])))
  }

  async ofKinds(kinds: readonly KindName[]): Promise<BaseRow[]> {
    const packs = await Promise.all(kinds.map((kind) => this.db.packs.where('[kind+state]').between([kind], [kind, []]).toArray()))
    return packs.flatMap(rowsOf)
  }

  async inStates(kind: KindName, states: readonly string[]): Promise<BaseRow[]> {
    const packs = await Promise.all(states.map((state) => this.db.packs.where('[kind+state]').equals([kind, state]).toArray()))
    return packs.flatMap(rowsOf)
  }

  async ofScope(scope: string): Promise<BaseRow[]> {
    return rowsOf(await this.db.packs.where('scope').equals(scope).toArray())
  }

  async each(look: (row: BaseRow) => void): Promise<void> {
    await this.db.packs.each((pack) => pack.rows.forEach(look))
  }

  async toArray(): Promise<BaseRow[]> {
    return rowsOf(await this.db.packs.toArray())
  }

  count(): Promise<number> {
    return this.db.packs.orderBy('ids').count()
  }

  /** Rows of which none is here yet; ConstraintError when one is. */
  async add(rows: Iterable<BaseRow>): Promise<void> {
    const packs = packed(rows)
    for (let from = 0; from < packs.length; from += PART) await this.db.packs.bulkAdd(packs.slice(from, from + PART))
  }

  async bulkPut(rows: readonly BaseRow[]): Promise<void> {
    await this.db.transaction('rw', this.db.packs, async () => {
      await this.takeOut(rows.map((row) => row.id))
      await this.add(rows)
    })
  }

  async bulkDelete(ids: readonly string[]): Promise<void> {
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
    const left = packs.map((pack) => ({ ...pack, ...idsAndRows(pack.rows.filter((row) => !out.has(row.id))) }))
    await this.db.packs.bulkDelete(left.filter((pack) => pack.rows.length === 0).map((pack) => pack.no!))
    await this.db.packs.bulkPut(left.filter((pack) => pack.rows.length > 0))
  }

  private async packsOf(ids: ReadonlySet<string>): Promise<Pack[]> {
    if (ids.size === 0) return []
    if (ids.size > MANY) return (await this.db.packs.toArray()).filter((pack) => pack.ids.some((id) => ids.has(id)))
    return this.db.packs.where('ids').anyOf([...ids]).distinct().toArray()
  }
}

const idsAndRows = (rows: BaseRow[]) => ({ ids: rows.map((row) => row.id), rows })
