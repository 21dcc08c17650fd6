/**
 * What is being recorded, kept on the phone piece by piece: after a kill all is there but the last second. The pieces lie
 * beside the bytes of photos; joined, they are taken in like any photo.
 */
import { getMeta, setMeta, type Store } from '@/sync/db'

import { PIECE, type Sort } from './frames'
import { makingRoom } from './kept'

export interface Begun {
  id: string
  /** The draft of the form that it belongs to. */
  form: string
  sort: Sort
  /** Media type, without its codecs. */
  type: string
  /** When it began, ms since 1970. */
  at: number
}

/** How long and how large one may be, s and bytes. */
export interface Bounds {
  seconds: number
  bytes: number
}

const metaKey = ({ form, id }: Pick<Begun, 'form' | 'id'>) => `recording:${form}:${id}`
const pieceKey = (id: string, n: number) => `${PIECE}${id}:${String(n).padStart(6, '0')}`
const pieces = (db: Store, id: string) => db.photoBytes.where('sha256').startsWith(`${PIECE}${id}:`)

/** Notes that a recording begins: from here on a kill leaves what was kept of it to be found. */
export async function begin(db: Store, begun: Begun): Promise<void> {
  await setMeta(db, metaKey(begun), begun)
}

/** Keeps the `n`th piece. QuotaExceededError when the phone is full even without bytes of sent photos. */
export async function keepPiece(db: Store, begun: Begun, n: number, bytes: ArrayBuffer): Promise<void> {
  await makingRoom(db, () => db.photoBytes.put({ sha256: pieceKey(begun.id, n), bytes }))
}

/** Recordings of a form that were begun and not taken in. */
export async function unfinished(db: Store, form: string): Promise<Begun[]> {
  const keys = await db.meta.where('key').startsWith(`recording:${form}:`).primaryKeys()
  const found = await Promise.all(keys.map((key) => getMeta<Begun>(db, key)))
  return found.filter((one) => one !== undefined)
}

/** Its pieces as one file; undefined when not one was kept. */
export async function joined(db: Store, begun: Begun): Promise<File | undefined> {
  const rows = await pieces(db, begun.id).sortBy('sha256')
  if (rows.length === 0) return undefined
  const ending = begun.type.split('/')[1]
  return new File(rows.map((row) => row.bytes), `${begun.sort}.${ending}`, { type: begun.type, lastModified: begun.at })
}

/** Forgets the pieces: the recording is taken in, or is not wanted. */
export async function forget(db: Store, begun: Begun): Promise<void> {
  await db.transaction('rw', [db.meta, db.photoBytes], async () => {
    await pieces(db, begun.id).delete()
    await db.meta.delete(metaKey(begun))
  })
}

/** Whether the next piece may go over what is allowed: pieces of films differ, so there is room for two of the largest. */
export function nearlyFull(bytes: number, largest: number, bounds: Bounds): boolean {
  return bytes + 2 * largest > bounds.bytes
}

/** The ways in which browsers record, best first; the server takes them all. */
const WAYS: Record<Sort, readonly string[]> = {
  voice: ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus'],
  video: ['video/webm;codecs=vp8,opus', 'video/webm', 'video/mp4'],
}

/** The first that this browser can; undefined when it records nothing that can be kept. */
export function wayOf(sort: Sort, can: (type: string) => boolean): string | undefined {
  return WAYS[sort].find(can)
}

/** Films of a camera that a browser plays and the server takes. */
export const FILMS = ['video/mp4', 'video/webm', 'video/quicktime']
