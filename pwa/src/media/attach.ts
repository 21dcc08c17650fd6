/** From a picked file to a reference: the bytes are read, hashed and stored before anything else can lose them. */
import { type MaybeRefOrGetter, type Ref, onScopeDispose, ref, toValue, watch } from 'vue'

import { apiGet } from '@/api/client'
import type { PhotoRef } from '@/api/kinds'
import { type Origin, originOf } from '@/domain/origin'
import { type Store, store } from '@/sync/db'
import { newId } from '@/sync/ids'

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

/**
 * Takes a picked file in: ArrayBuffer first, hash, original bytes and a 320 px picture into the database.
 *
 * `way` is the button that was pressed, `pressedMs` when (epoch). The original is never re-encoded. EmptyPhoto when there are no bytes; QuotaExceededError when the phone is full.
 */
export async function attach(file: File, role: string, { way, pressedMs }: { way: Origin; pressedMs: number }, place?: Pick<PhotoRef, 'lat' | 'lon' | 'accuracy_m'>): Promise<Attached> {
  // Any other await before this one can make the picked file unreadable.
  const bytes = await file.arrayBuffer()
  if (bytes.byteLength === 0) throw new EmptyPhoto()
  const sha256 = await sha256Hex(bytes)
  const type = file.type || 'application/octet-stream'
  const name = file.name.slice(0, 200) || null
  const db = store()
  const size = bytes.byteLength
  const keep = () => db.transaction('rw', [db.photos, db.photoBytes], async () => {
    const known = await db.photos.get(sha256)
    if (known && known.state !== 'refused') return
    await db.photoBytes.put({ sha256, bytes })
    await db.photos.put({
      sha256, size, type, name, state: 'held', records: known?.records ?? [], offset: 0, url: null, sending: 0, code: null, added_at: Date.now(),
    })
  })
  await makingRoom(db, keep)
  const small = await thumbnail(bytes, type)
  if (small) await db.thumbs.put({ sha256, bytes: small })
  const taken = new Date(file.lastModified || Date.now())
  return {
    id: newId(),
    sha256,
    size,
    type,
    role,
    taken_at: taken.toISOString(),
    name,
    origin: originOf(way, pressedMs - taken.getTime()),
    ...place,
    preview: URL.createObjectURL(new Blob([small ?? bytes], { type: small ? 'image/jpeg' : type })),
  }
}

/** Gives attached photos of a restored draft their previews back (an object URL dies with its page). */
export async function revive<T extends PhotoRef>(photos: readonly T[]): Promise<(T & Attached)[]> {
  return Promise.all(
    photos.map(async (photo) => ({ ...photo, id: (photo as Partial<Attached>).id ?? newId(), preview: (await localUrl(store(), photo.sha256, 'w320')) ?? serverUrl(photo.sha256, 'w320') })),
  )
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
