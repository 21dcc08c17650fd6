/**
 * Two things that a start needs before any person's database is open: who works here, and which form was open.
 * In IndexedDB with strict durability: localStorage reaches the disk seconds later, a killed browser has lost it.
 */
import Dexie, { type EntityTable } from 'dexie'

interface Row {
  key: 'me' | 'form' | 'left'
  value: unknown
}

class Kept extends Dexie {
  rows!: EntityTable<Row, 'key'>

  constructor() {
    super('mingcha', { chromeTransactionDurability: 'strict' })
    this.version(1).stores({ rows: 'key' })
  }
}

const db = new Kept()

export async function keep(key: Row['key'], value: unknown): Promise<void> {
  await db.rows.put({ key, value })
}

export async function kept<T>(key: Row['key']): Promise<T | undefined> {
  return (await db.rows.get(key))?.value as T | undefined
}

export async function forget(key: Row['key']): Promise<void> {
  await db.rows.delete(key)
}
