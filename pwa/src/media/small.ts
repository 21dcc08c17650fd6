/** Small views of photos that this phone has not taken itself, put by for a day without a network. */
import { type Fetch, rawFetch } from '@/api/client'
import type { Store } from '@/sync/db'

/** Which of these photos can be shown without a network: by their small view or by their own bytes. */
export async function shownHere(db: Store, sha256s: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>()
  for (const sha256 of sha256s) {
    const small = await db.thumbs.get(sha256)
    if (small ? small.bytes.byteLength > 0 : (await db.photoBytes.where('sha256').equals(sha256).count()) > 0) found.add(sha256)
  }
  return found
}

/** Fetches the small views; gives the hashes of those that the server does not have. Unreachable ends it. */
export async function fetchSmall(db: Store, sha256s: readonly string[], call: Fetch = rawFetch): Promise<string[]> {
  const without: string[] = []
  for (const sha256 of sha256s) {
    const response = await call(`/api/v1/photos/${sha256}/w320`)
    const bytes = response.ok ? await response.arrayBuffer() : new ArrayBuffer(0)
    if (bytes.byteLength > 0) await db.thumbs.put({ sha256, bytes })
    else without.push(sha256)
  }
  return without
}

/** Puts the small view by unless the photo is here already; whether it can then be shown without a network. */
export async function keptHere(db: Store, sha256: string, call: Fetch = rawFetch): Promise<boolean> {
  if ((await shownHere(db, [sha256])).has(sha256)) return true
  return fetchSmall(db, [sha256], call).then((without) => without.length === 0, () => false)
}
