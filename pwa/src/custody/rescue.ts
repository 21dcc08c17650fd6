/**
 * The rescue file: all that is unsent in one file, sealed for the server and signed by this phone. docs/rescue.md
 * describes it byte for byte. The photos pass through one by one, so that a phone's memory is enough for any number.
 */
import { type Bytes, joined } from '@/media/bytes'
import { hex } from '@/media/hash'
import { type Device, formDrafts, getMeta, type PhotoRow, type Store } from '@/sync/db'
import { settled, wire } from '@/sync/push'

import { fromBase64url, sha256, utf8 } from './bytes'
import { knownKey, sealKey, type ServerKey } from './keys'
import { dayOf, isAside } from './receipt'

const MAGIC = utf8('MINGCHA-RESCUE\0\x01')
const INFO = utf8('mingcha-rescue-1')
const CHUNK = 262_144
const ECDH = { name: 'ECDH', namedCurve: 'P-256' } as const

/** no_server_key: never synced · no_device_key: this browser keeps none · nothing: all is sent. */
export class CannotSeal extends Error {
  constructor(readonly why: 'no_server_key' | 'no_device_key' | 'nothing') {
    super(why)
    this.name = 'CannotSeal'
  }
}

/** A photo was sent between the list and its bytes; the file is begun anew. */
class Gone extends Error {}

export interface Sealed {
  file: File
  records: number
  photos: number
  drafts: number
}

interface Unsent {
  manifest: Record<string, unknown>
  photos: PhotoRow[]
  records: number
  drafts: number
}

/** The file. CannotSeal says what is in the way. */
export async function sealUnsent(db: Store, org: string, now: Date): Promise<Sealed> {
  const key = await sealKey(db)
  if (!key) throw new CannotSeal('no_server_key')
  const own = await knownKey(db)
  if (!own) throw new CannotSeal('no_device_key')
  for (let tries = 1; ; tries++) {
    const unsent = await read(db, org, now)
    try {
      const blob = await seal(db, unsent, key, own)
      const name = `mingcha-rescue-${dayOf(now)}-${String(unsent.manifest.device).slice(0, 8)}.mcr`
      return { file: new File([blob], name, { type: 'application/octet-stream' }), records: unsent.records, photos: unsent.photos.length, drafts: unsent.drafts }
    } catch (error) {
      if (!(error instanceof Gone) || tries >= 5) throw error
    }
  }
}

/** One state of the database: what is unsent, in the order of its numbers. */
async function read(db: Store, org: string, now: Date): Promise<Unsent> {
  return db.transaction('rw', [db.outbox, db.photos, db.photoBytes, db.drafts, db.meta], async () => {
    const device = await getMeta<Device>(db, 'device')
    if (!device) throw new CannotSeal('nothing')
    const queued = (await db.outbox.where('status').equals('queued').toArray()).filter((op) => op.device === device.id).sort((a, b) => a.n - b.n)
    const ops = await settled(db, queued)
    const aside = (await db.outbox.where('live').equals(1).toArray()).filter(isAside)
    const drafts = await formDrafts(db).toArray()
    const rows = await db.photos.where('state').anyOf('waiting', 'refused', 'held').toArray()
    const here = new Set(await db.photoBytes.where('sha256').anyOf(rows.map((row) => row.sha256)).primaryKeys())
    const photos = rows.filter((row) => here.has(row.sha256))
    if (ops.length + aside.length + drafts.length + photos.length === 0) throw new CannotSeal('nothing')
    const manifest = {
      format: 1,
      org,
      person: db.person,
      device: device.id,
      made_at: now.toISOString(),
      ops: ops.map(wire),
      schemas: ops.map((op) => op.schema),
      photos: photos.map(({ sha256: hash, size, type, name }) => ({ sha256: hash, size, type, name })),
      aside: aside.map(wire),
      drafts,
    }
    return { manifest, photos, records: new Set([...ops, ...aside].map((op) => op.record)).size, drafts: drafts.length }
  })
}

async function seal(db: Store, unsent: Unsent, recipient: ServerKey, own: CryptoKeyPair): Promise<Blob> {
  const point = fromBase64url(recipient.public)
  const server = await crypto.subtle.importKey('raw', point, ECDH, false, [])
  const ephemeral = await crypto.subtle.generateKey(ECDH, false, ['deriveBits'])
  const salt = crypto.getRandomValues(new Uint8Array(16))
  const header = joined([MAGIC, uuidBytes(recipient.id), new Uint8Array(await crypto.subtle.exportKey('raw', ephemeral.publicKey)), salt])
  const secret = await crypto.subtle.deriveBits({ name: 'ECDH', public: server }, ephemeral.privateKey, 256)
  const material = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey'])
  const key = await crypto.subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt, info: joined([INFO, header]) }, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt'])

  const manifest = utf8(JSON.stringify(unsent.manifest))
  const signed = joined([INFO, new Uint8Array(1), await sha256(header), await sha256(manifest)])
  const signature = new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, own.privateKey, signed))

  const chunks = new Chunks(key, header)
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, manifest.length)
  for (const part of [length, manifest, signature]) await chunks.write(part)
  for (const photo of unsent.photos) {
    const row = await db.photoBytes.get(photo.sha256)
    if (!row || row.bytes.byteLength !== photo.size) throw new Gone()
    await chunks.write(new Uint8Array(row.bytes))
  }
  return chunks.end()
}

/** Content in, sealed chunks out: each a blob of its own, which the browser may put on disk. */
class Chunks {
  private readonly parts: Blob[]
  private readonly open = new Uint8Array(CHUNK)
  private filled = 0
  private counter = 0

  constructor(
    private readonly key: CryptoKey,
    header: Bytes,
  ) {
    this.parts = [new Blob([header])]
  }

  async write(bytes: Bytes): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      if (this.filled === CHUNK) await this.flush(false) // only when more follows: the last chunk is marked
      const part = bytes.subarray(at, at + CHUNK - this.filled)
      this.open.set(part, this.filled)
      this.filled += part.length
      at += part.length
    }
  }

  async end(): Promise<Blob> {
    await this.flush(true)
    return new Blob(this.parts)
  }

  private async flush(final: boolean): Promise<void> {
    const iv = new Uint8Array(12)
    new DataView(iv.buffer).setUint32(7, this.counter++)
    iv[11] = final ? 1 : 0
    this.parts.push(new Blob([await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, this.key, this.open.slice(0, this.filled))]))
    this.filled = 0
  }
}

function uuidBytes(id: string): Bytes {
  return Uint8Array.from(id.replaceAll('-', '').match(/../g)!, (pair) => Number.parseInt(pair, 16))
}

export function isRescueFile(head: Bytes): boolean {
  return head.length >= MAGIC.length && hex(head.slice(0, MAGIC.length).buffer) === hex(MAGIC.slice().buffer)
}
