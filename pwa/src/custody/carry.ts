/** A colleague's rescue file: kept on this phone as bytes until it could be sent, and sent piece by piece. */
import Dexie, { type EntityTable, type Table } from 'dexie'

import { callJson, type Fetch, Problem } from '@/api/client'
import { getMeta, setMeta, type Store } from '@/sync/db'

import { isRescueFile } from './rescue'
import { Sha256 } from './sha256'

const PIECE = 1_048_576

export interface CarriedRow {
  /** SHA-256 of the file. */
  file: string
  name: string
  size: number
  /** carrying: on this phone only · sent: the server has it · refused: final no, the bytes stay. */
  state: 'carrying' | 'sent' | 'refused'
  code: string | null
  added_at: number
}

interface PieceRow {
  file: string
  index: number
  bytes: ArrayBuffer
}

/** Apart from the person's own records: nothing in it is hers. */
class Carried extends Dexie {
  files!: EntityTable<CarriedRow, 'file'>
  pieces!: Table<PieceRow, [string, number]>

  constructor(person: string) {
    super(`mingcha-carried-${person}`, { chromeTransactionDurability: 'strict' })
    this.version(1).stores({ files: 'file', pieces: '[file+index], file' })
  }
}

let opened: { person: string; db: Carried } | undefined

export function carried(person: string): Carried {
  if (opened?.person !== person) {
    opened?.db.close()
    opened = { person, db: new Carried(person) }
  }
  return opened.db
}

/** The picked file is no rescue file. */
export class NotRescue extends Error {}

/** Hash of a file, read piece by piece. NotRescue. */
export async function identify(file: Blob): Promise<string> {
  if (!isRescueFile(new Uint8Array(await file.slice(0, 16).arrayBuffer()))) throw new NotRescue()
  const digest = new Sha256()
  for (let at = 0; at < file.size; at += PIECE) digest.update(new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer()))
  return digest.hex()
}

/** Takes a file in; it is safe on this phone when this returns. NotRescue; QuotaExceededError when the phone is full. */
export async function carry(store: Store, picked: File, now: number): Promise<void> {
  const file = await identify(picked)
  const db = carried(store.person)
  for (let index = 0; index * PIECE < picked.size; index++) {
    const bytes = await picked.slice(index * PIECE, (index + 1) * PIECE).arrayBuffer()
    await db.pieces.put({ file, index, bytes })
  }
  await db.files.put({ file, name: picked.name.slice(0, 200), size: picked.size, state: 'carrying', code: null, added_at: now })
  await setMeta(store, 'carrying', true)
}

/** Bytes of a file from `at`, at most a piece. */
type Read = (at: number) => Promise<ArrayBuffer>

interface Standing {
  state: 'receiving' | 'whole' | 'done' | 'waiting' | 'forked'
  offset: number
}

const path = (file: string) => `/api/v1/rescue/${file}`

/** Sends what the server lacks of a file. Problem, Unreachable. `told` hears the share that is there, 0 to 1. */
export async function sendFile(call: Fetch, file: string, size: number, read: Read, told: (share: number) => void = () => {}): Promise<Standing> {
  let standing = await callJson<Standing>(call, path(file)).catch((error: unknown) => {
    if (error instanceof Problem && error.code === 'rescue_unknown') return { state: 'receiving', offset: 0 } as Standing
    throw error
  })
  for (let turns = 0; standing.state === 'receiving'; ) {
    const at = standing.offset
    try {
      standing = await callJson<Standing>(call, '/api/v1/rescue', {
        method: 'POST',
        headers: { 'Content-Type': 'application/octet-stream', 'Rescue-File': file, 'Upload-Offset': String(at), 'Upload-Length': String(size) },
        body: new Blob([await read(at)]),
        timeoutMs: 180_000,
      })
      told(standing.state === 'receiving' ? standing.offset / size : 1)
    } catch (error) {
      // another request, or one whose answer was lost, moved it on
      if (!(error instanceof Problem) || error.code !== 'rescue_offset' || ++turns > 8) throw error
      standing = { state: 'receiving', offset: Number(error.facts.offset) }
    }
  }
  return standing
}

/** A picked file of the desk. */
export function readBlob(file: Blob): Read {
  return (at) => file.slice(at, at + PIECE).arrayBuffer()
}

/** Has the server bring it in. */
export async function bringIn(call: Fetch, file: string): Promise<Standing> {
  return callJson<Standing>(call, `${path(file)}/bring-in`, { method: 'POST', timeoutMs: 180_000 })
}

/** A no in the server's own words. An answer without any was cut on its way, or came from somebody in between. */
export function isFinal({ status, code }: Problem): boolean {
  return status >= 400 && status < 500 && status !== 401 && status !== 429 && !code.startsWith('http_')
}

/** Sends every carried file; what the server has is taken off this phone. Unreachable, Problem (401, 5xx). */
export async function sendCarried(store: Store, call: Fetch): Promise<void> {
  if (!(await getMeta<boolean>(store, 'carrying'))) return
  const db = carried(store.person)
  for (const row of (await db.files.toArray()).filter((one) => one.state === 'carrying')) {
    const read: Read = async (at) => {
      const piece = await db.pieces.get([row.file, Math.floor(at / PIECE)])
      if (!piece) throw new Error(`a piece of ${row.file} is gone`)
      return piece.bytes.slice(at % PIECE)
    }
    try {
      await sendFile(call, row.file, row.size, read)
      await bringIn(call, row.file)
    } catch (error) {
      if (!(error instanceof Problem) || !isFinal(error)) throw error
      await db.files.update(row.file, { state: 'refused', code: error.code })
      continue
    }
    await db.transaction('rw', [db.files, db.pieces], async () => {
      await db.files.update(row.file, { state: 'sent' })
      await db.pieces.where('file').equals(row.file).delete()
    })
  }
  if ((await db.files.toArray()).every((row) => row.state !== 'carrying')) await setMeta(store, 'carrying', false)
}
