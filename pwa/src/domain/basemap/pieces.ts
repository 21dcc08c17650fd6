/**
 * The company's base map on this phone: one file in pieces, in a cache of its own that all people of the phone share. A new
 * file replaces the one in use when it is here whole.
 */
import { callJson, type Fetch, problemOf, rawFetch, Unreachable } from '@/api/client'

import { CACHE } from './cache'
import { PMTiles, type Read } from './pmtiles'
import { readTile } from './tile'

export interface About {
  etag: string
  size: number
  datum: 'wgs84' | 'gcj02'
}
/** What of the browser's Cache is used. */
export type Kept = Pick<Cache, 'match' | 'put' | 'delete' | 'keys'>

export const PIECE = 512 * 1024
const HELD_PIECES = 8
const ABOUT = '/api/v1/base-map'
const FILE = `${ABOUT}/file`
const INDEX = '/base-map/'

export const keptMap = (): Promise<Kept> => caches.open(CACHE)
const pieces = ({ size }: About) => Math.ceil(size / PIECE)
const address = (about: About, n: number) => `${INDEX}${encodeURIComponent(about.etag)}/${n}`

async function note(kept: Kept, name: 'used' | 'asked'): Promise<About | null | undefined> {
  const found = await kept.match(INDEX + name)
  return found && ((await found.json()) as About | null)
}
const setNote = (kept: Kept, name: 'used' | 'asked', about: About | null) => kept.put(INDEX + name, new Response(JSON.stringify(about)))

/** Bytes by pieces, the last few of them held. */
export function byPieces(size: number, piece: (n: number) => Promise<ArrayBuffer>): Read {
  const held = new Map<number, Promise<ArrayBuffer>>()
  const hold = (n: number) => {
    const found = held.get(n) ?? piece(n)
    held.delete(n)
    held.set(n, found)
    found.catch(() => held.delete(n))
    if (held.size > HELD_PIECES) held.delete(held.keys().next().value!)
    return found
  }
  return async (offset, length) => {
    const end = Math.min(size, offset + length)
    const bytes = new Uint8Array(Math.max(0, end - offset))
    for (let n = Math.floor(offset / PIECE); n * PIECE < end; n += 1) {
      const part = new Uint8Array(await hold(n)).subarray(Math.max(0, offset - n * PIECE), end - n * PIECE)
      bytes.set(part, Math.max(0, n * PIECE - offset))
    }
    return bytes
  }
}

export interface Opened {
  tiles: PMTiles
  about: About
}

async function openKept(kept: Kept, about: About): Promise<Opened> {
  const read = byPieces(about.size, async (n) => {
    const found = await kept.match(address(about, n))
    if (!found) throw new Error(`piece ${n} of the base map is not here`)
    return found.arrayBuffer()
  })
  return { tiles: await PMTiles.open(read), about }
}

/** The map that is here whole; undefined: none is. Never asks the network. */
export async function openHere(): Promise<Opened | undefined> {
  const kept = await keptMap()
  const about = await note(kept, 'used')
  return about ? openKept(kept, about) : undefined
}

/** The map read from the server as it is looked at; undefined: the company has none. */
export async function openThere(call: Fetch = rawFetch): Promise<Opened | undefined> {
  const about = await ask(call)
  return about && { tiles: await PMTiles.open(byPieces(about.size, (n) => fetchPiece(about, n, call))), about }
}

const ask = (call: Fetch) => callJson<About | undefined>(call, ABOUT)

async function fetchPiece(about: About, n: number, call: Fetch): Promise<ArrayBuffer> {
  const start = n * PIECE
  const end = Math.min(about.size, start + PIECE)
  const response = await call(FILE, { headers: { Range: `bytes=${start}-${end - 1}`, 'If-Range': about.etag }, timeoutMs: 60_000 })
  if (!response.ok) throw await problemOf(response)
  // 200: the file was changed meanwhile, or somebody on the way does not know Range.
  if (response.status !== 206) throw new Unreachable(undefined, response.status)
  const bytes = await response.arrayBuffer().catch((error: unknown) => Promise.reject(new Unreachable(error)))
  if (bytes.byteLength !== end - start) throw new Unreachable()
  return bytes
}

/** What is known of the map without a network. `all` 0: nothing is known yet; `ok`: header and a tile were read back. */
export interface MapFound {
  none: boolean
  ok: boolean
  /** Bytes. */
  have: number
  all: number
}

export async function readMap(kept: Kept): Promise<MapFound> {
  const [asked, used] = [await note(kept, 'asked'), await note(kept, 'used')]
  if (!asked) return { none: asked === null, ok: false, have: 0, all: 0 }
  const here = new Set((await kept.keys()).map(({ url }) => new URL(url, 'http://phone').pathname))
  const held = Array.from({ length: pieces(asked) }, (_, n) => n).filter((n) => here.has(address(asked, n))).length
  const ok = used?.etag === asked.etag && held === pieces(asked) && (await opens(kept, asked))
  return { none: false, ok, have: ok ? asked.size : Math.min(held * PIECE, asked.size), all: asked.size }
}

async function opens(kept: Kept, about: About): Promise<boolean> {
  try {
    const { tiles } = await openKept(kept, about)
    const tile = await tiles.first()
    return tile !== undefined && readTile(tile, () => true).size > 0
  } catch {
    return false // a piece is missing or cut: it is fetched again
  }
}

/** Fetches what is missing of the company's map. Rejects as the server does, and when the phone is full; what came stays. */
export async function fetchMap(kept: Kept, progress: (have: number, all: number) => void, call: Fetch = rawFetch): Promise<void> {
  const about = (await ask(call)) ?? null
  await setNote(kept, 'asked', about)
  if (!about) return sweep(kept, null)
  const whole = (await readMap(kept)).ok
  for (let n = 0; n < pieces(about); n += 1) {
    progress(n * PIECE, about.size)
    if (whole || (await isKept(kept, about, n))) continue
    await kept.put(address(about, n), new Response(await fetchPiece(about, n, call)))
  }
  if (!(await opens(kept, about))) return sweep(kept, null) // whole and yet of no use: from the beginning next time
  await setNote(kept, 'used', about)
  await sweep(kept, about)
}

async function isKept(kept: Kept, about: About, n: number): Promise<boolean> {
  const bytes = await (await kept.match(address(about, n)))?.arrayBuffer().catch(() => undefined)
  return bytes?.byteLength === Math.min(PIECE, about.size - n * PIECE)
}

/** Removes all pieces but those of `about`, and for null the map in use with them. */
async function sweep(kept: Kept, about: About | null): Promise<void> {
  if (!about) await kept.delete(INDEX + 'used')
  for (const { url } of await kept.keys()) {
    const { pathname } = new URL(url, 'http://phone')
    const isPiece = pathname.split('/').length > 3
    if (isPiece && !(about && pathname.startsWith(`${INDEX}${encodeURIComponent(about.etag)}/`))) await kept.delete(pathname)
  }
}
