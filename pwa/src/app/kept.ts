/**
 * Three things that are needed before any person's database is open: who works here, which form was open, what was left.
 * In IndexedDB with strict durability: localStorage reaches the disk seconds later, a killed browser has lost it. By the
 * browser's own interface: every start waits for this, and for one store of three rows Dexie takes longer than the disk.
 */
interface Row {
  key: 'me' | 'form' | 'left'
  value: unknown
}

const VERSION = 10 // what Dexie, which made it on older phones, calls 1

let opening: Promise<IDBDatabase> | undefined

function opened(): Promise<IDBDatabase> {
  opening ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open('mingcha', VERSION)
    asked.onupgradeneeded = () => asked.result.createObjectStore('rows', { keyPath: 'key' })
    asked.onsuccess = () => {
      const db = asked.result
      db.onclose = forgotten
      db.onversionchange = () => {
        db.close()
        forgotten()
      }
      resolve(db)
    }
    asked.onerror = () => {
      forgotten()
      reject(asked.error as Error)
    }
  })
  return opening
}

function forgotten(): void {
  opening = undefined
}

/** Begins to open it: the disk is slower than what a start does meanwhile. Who reads hears of what is the matter. */
export function openKept(): void {
  void opened().catch(() => undefined)
}

async function inRows<T>(mode: IDBTransactionMode, act: (rows: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const begun = async () => (await opened()).transaction('rows', mode, { durability: 'strict' })
  const transaction = await begun().catch(() => {
    forgotten() // the browser closed it without a word: once more
    return begun()
  })
  return new Promise((resolve, reject) => {
    const asked = act(transaction.objectStore('rows'))
    if (mode === 'readonly') asked.onsuccess = () => resolve(asked.result)
    else transaction.oncomplete = () => resolve(asked.result) // on disk
    transaction.onabort = () => reject(transaction.error ?? new DOMException('broken off', 'AbortError'))
  })
}

export async function keep(key: Row['key'], value: unknown): Promise<void> {
  await inRows('readwrite', (rows) => rows.put({ key, value } satisfies Row))
}

export async function kept<T>(key: Row['key']): Promise<T | undefined> {
  return (await inRows('readonly', (rows) => rows.get(key) as IDBRequest<Row | undefined>))?.value as T | undefined
}

export async function forget(key: Row['key']): Promise<void> {
  await inRows('readwrite', (rows) => rows.delete(key))
}
