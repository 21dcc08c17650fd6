/** This phone's own key, which never leaves it, and the server's public keys as last heard. */
import { callJson, type Fetch } from '@/api/client'
import { getMeta, setMeta, type Store } from '@/sync/db'

import { fromBase64url, toBase64url } from './bytes'

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const
const REFRESH_MS = 24 * 3_600_000

export interface ServerKey {
  id: string
  purpose: 'sign' | 'seal'
  /** Uncompressed P-256 point, base64url. */
  public: string
  created_at: string
  retired_at: string | null
}

/** The phone's key pair, made at the first call. Undefined where the browser has no WebCrypto or cannot keep a key. */
export async function deviceKey(db: Store): Promise<CryptoKeyPair | undefined> {
  const known = await knownKey(db)
  if (known) return known
  try {
    const made = await crypto.subtle.generateKey(CURVE, false, ['sign', 'verify'])
    await db.transaction('rw', db.meta, async () => {
      if (!(await db.meta.get('deviceKey'))) await setMeta(db, 'deviceKey', made)
    })
  } catch {
    return undefined
  }
  return knownKey(db)
}

/** The key pair if there is one; never makes one. */
export async function knownKey(db: Store): Promise<CryptoKeyPair | undefined> {
  return getMeta<CryptoKeyPair>(db, 'deviceKey')
}

/** What goes with the registration. */
export async function publicKey(db: Store): Promise<string | undefined> {
  const pair = await deviceKey(db)
  return pair && toBase64url(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)))
}

interface Heard {
  at: number
  keys: ServerKey[]
}

/** Asks for the server's keys once a day, and when there are none. */
export async function refreshServerKeys(db: Store, call: Fetch, now: number): Promise<void> {
  const heard = await getMeta<Heard>(db, 'serverKeys')
  if (heard && now - heard.at < REFRESH_MS) return
  const { keys } = await callJson<{ keys: ServerKey[] }>(call, '/api/v1/keys')
  await setMeta(db, 'serverKeys', { at: now, keys } satisfies Heard)
}

/** As last heard; empty when the server has never been reached. */
export async function serverKeys(db: Store): Promise<ServerKey[]> {
  return (await getMeta<Heard>(db, 'serverKeys'))?.keys ?? []
}

/** The key for which a rescue file is sealed now. */
export async function sealKey(db: Store): Promise<ServerKey | undefined> {
  return (await serverKeys(db)).findLast((key) => key.purpose === 'seal' && key.retired_at === null)
}

export async function verifies(key: ServerKey, signature: Uint8Array<ArrayBuffer>, message: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const loaded = await crypto.subtle.importKey('raw', fromBase64url(key.public), CURVE, false, ['verify'])
  return crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, loaded, signature, message)
}
