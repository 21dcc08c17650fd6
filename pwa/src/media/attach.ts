/** From a picked file to a reference: the bytes are read, hashed and stored before anything else can lose them. */
import { type MaybeRefOrGetter, type Ref, onScopeDispose, ref, toValue, watch } from 'vue'

import { apiGet, rawFetch } from '@/api/client'
import type { PhotoRef } from '@/api/kinds'
import { type Origin, originOf, takenHere } from '@/domain/origin'
import type { Place } from '@/domain/place'
import { draftRow, MARKS, type Store, store } from '@/sync/db'
import { newId } from '@/sync/ids'

import { isRecording } from './frames'
import { sha256Hex } from './hash'
import { makingRoom } from './kept'
import { thumbnail } from './thumb'

export interface Attached extends PhotoRef {
  id: string
  /** Object URL of a small picture; lives as long as the page. */
  preview: string
}

export type View = 'w320' | 'w1600' | 'original' | 'thermal'

export interface ThermalFacts {
  format: string
  trust: 'exact' | 'apparent' | 'approximate'
  width: number
  height: number
  min: number
  max: number
  mean: number
  invalid: number
  /** Emissivity and the other conditions can be changed afterwards. Missing in facts of older servers. */
  adjustable?: boolean
  hot: { x: number; y: number; c: number }
  cold: { x: number; y: number; c: number }
  parameters: Record<string, unknown>
  palette_low_c: number
  palette_high_c: number
}

export interface PhotoFacts {
  sha256: string
  size: number
  type: string
  received_at: string
  width: number | null
  height: number | null
  taken_at_exif: string | null
  position_exif: unknown
  derived: 'pending' | 'done' | 'failed'
  reason: string | null
  thermal: ThermalFacts | null
  /** Why there are no temperatures: `no_temperatures`, or what is wrong with those that the file claims to hold. */
  thermal_reason?: string | null
}

/** The picked file has no bytes (Safari does that to a file read again after a pause). */
export class EmptyPhoto extends Error {
  constructor() {
    super('empty photo')
    this.name = 'EmptyPhoto'
  }
}

/** How a file came in, and what is known of that moment. */
export interface Taking {
  way: Origin
  /** When its button was pressed, epoch ms. */
  pressedMs: number
  /** Where this phone was at a time, epoch ms. Asked only for what was taken here: a file tells nothing of here. */
  place?: ((takenMs: number) => Place | undefined) | undefined
  /** Of which photo this is a marked copy (SHA-256). */
  copyOf?: string | undefined
  /** The form's draft with this photo in it. */
  draft?: ((photo: PhotoRef & { id: string }) => { key: string; state: unknown } | undefined) | undefined
}

/** Photos are taken in one after the other: one decoded picture in memory, and each draft knows the photos before. */
let turn: Promise<unknown> = Promise.resolve()

/**
 * Takes a picked file in: ArrayBuffer first, hash, then original bytes and the form's draft that names them, in one
 * transaction: a kill leaves both or neither. With a copy go the marks that it was made of. Then a 320 px picture.
 *
 * The original is never re-encoded. EmptyPhoto when there are no bytes; QuotaExceededError when the phone is full.
 */
export async function attach(file: File, role: string, taking: Taking): Promise<Attached> {
  // Any other await before this one can make the picked file unreadable.
  const bytes = await file.arrayBuffer()
  if (bytes.byteLength === 0) throw new EmptyPhoto()
  const mine = turn.then(() => takeIn(file, bytes, role, taking))
  turn = mine.catch(() => undefined)
  return mine
}

async function takeIn(file: File, bytes: ArrayBuffer, role: string, { way, pressedMs, place, copyOf, draft }: Taking): Promise<Attached> {
  const db = store()
  const taken = new Date(file.lastModified || Date.now())
  const origin = originOf(way, pressedMs - taken.getTime())
  const photo = {
    id: newId(),
    sha256: await sha256Hex(bytes),
    size: bytes.byteLength,
    type: file.type || 'application/octet-stream',
    role,
    taken_at: taken.toISOString(),
    name: file.name.slice(0, 200) || null,
    origin,
    ...(takenHere(origin) ? place?.(taken.getTime()) : {}),
    ...(copyOf ? { copy_of: copyOf } : {}),
  }
  await makingRoom(db, () => keep(db, photo, bytes, draft))
  const small = isRecording(photo) ? undefined : await thumbnail(bytes, photo.type)
  if (small) await db.thumbs.put({ sha256: photo.sha256, bytes: small }).catch(() => {}) // the photo is kept; without it the original is shown
  return { ...photo, preview: URL.createObjectURL(new Blob([small ?? bytes], { type: small ? 'image/jpeg' : photo.type })) }
}

async function keep(db: Store, photo: PhotoRef & { id: string }, bytes: ArrayBuffer, draft: Taking['draft']): Promise<void> {
  const { sha256, size, type, name = null } = photo
  await db.transaction('rw', [db.photos, db.photoBytes, db.drafts], async () => {
    const known = await db.photos.get(sha256)
    if (!known || known.state === 'refused') {
      await db.photoBytes.put({ sha256, bytes })
      const records = known?.records ?? [] // one that a saved record names is to be sent, whatever becomes of this form
      await db.photos.put({ sha256, size, type, name, state: records.length > 0 ? 'waiting' : 'held', records, offset: 0, url: null, sending: 0, code: null, added_at: Date.now() })
    }
    const named = draft?.(photo)
    if (named) await db.drafts.put(draftRow(named.key, named.state))
    if (photo.copy_of) await db.drafts.delete(MARKS + photo.copy_of) // what was being drawn is the copy now
  })
}

export function serverUrl(sha256: string, view: View): string {
  return `/api/v1/photos/${sha256}/${view}`
}

async function localUrl(db: Store, sha256: string, view: View): Promise<string | undefined> {
  if (view === 'thermal') return undefined
  const small = view === 'w320' ? await db.thumbs.get(sha256) : undefined
  if (small) return URL.createObjectURL(new Blob([small.bytes], { type: 'image/jpeg' }))
  const row = await db.photoBytes.get(sha256)
  if (!row) return undefined
  const photo = await db.photos.get(sha256)
  return URL.createObjectURL(new Blob([row.bytes], { type: photo?.type ?? 'image/jpeg' }))
}

/** A photo to work on a copy of: this phone's bytes, else the server's large view. Error when there is neither. */
export async function pictureOf(sha256: string): Promise<Blob> {
  const row = await store().photoBytes.get(sha256)
  if (row) return new Blob([row.bytes], { type: (await store().photos.get(sha256))?.type ?? 'image/jpeg' })
  return serverPicture(sha256)
}

/** The server's large view, or the original while that is not made yet. Unreachable; Error when there is none. */
export async function serverPicture(sha256: string): Promise<Blob> {
  for (const view of ['w1600', 'original'] as const) {
    const response = await rawFetch(serverUrl(sha256, view))
    if (response.ok) return response.blob()
  }
  throw new Error('no picture')
}

/** Where to show a photo from: this phone's bytes first, else the server. */
export function usePhotoUrl(sha256: MaybeRefOrGetter<string | undefined>, view: MaybeRefOrGetter<View>): Ref<string | undefined> {
  const url = ref<string>()
  let turn = 0
  const release = () => {
    if (url.value?.startsWith('blob:')) URL.revokeObjectURL(url.value)
  }
  watch(
    () => [toValue(sha256), toValue(view)] as const,
    async ([hash, wanted]) => {
      const mine = ++turn
      const found = hash ? ((await localUrl(store(), hash, wanted)) ?? serverUrl(hash, wanted)) : undefined
      if (mine !== turn) return
      release()
      url.value = found
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    turn++
    release()
  })
  return url
}

/** What the server found in a photo; undefined when it cannot be asked or has not got it. */
export async function photoFacts(sha256: string): Promise<PhotoFacts | undefined> {
  try {
    return await apiGet<PhotoFacts>(`/api/v1/photos/${sha256}/facts`)
  } catch {
    return undefined
  }
}
