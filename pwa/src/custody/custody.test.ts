import { webcrypto } from 'node:crypto'

import { beforeEach, describe, expect, it } from 'vitest'

import { joined } from '@/media/bytes'
import { sha256Hex } from '@/media/hash'
import { setMeta, type Store } from '@/sync/db'
import { device } from '@/sync/outbox'
import { settled, wire } from '@/sync/push'
import { freshStore, json, problem } from '@/sync/testing'

import { fromBase64url, sha256, toBase64url, utf8 } from './bytes'
import { deviceKey, knownKey, publicKey, refreshServerKeys, serverKeys } from './keys'
import { askReceipt, type DayState, dayState, listHash, madeOn, verified } from './receipt'
import { type CannotSeal, isRescueFile, sealUnsent } from './rescue'
import { Sha256 } from './sha256'

const NOW = new Date(2026, 10, 25, 18, 0)
const ORG = '01900000-0000-7000-8000-00000000000b'
const ID = '11111111-1111-4111-8111-111111111111'

/** The server's side of the cryptography. */
class Server {
  sign!: CryptoKeyPair
  seal!: CryptoKeyPair

  async start(): Promise<this> {
    this.sign = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
    this.seal = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits'])
    return this
  }

  async keys() {
    const raw = async (key: CryptoKey) => toBase64url(new Uint8Array(await crypto.subtle.exportKey('raw', key)))
    return [
      { id: ID, purpose: 'sign', public: await raw(this.sign.publicKey), created_at: '', retired_at: null },
      { id: ID, purpose: 'seal', public: await raw(this.seal.publicKey), created_at: '', retired_at: null },
    ]
  }

  async receipt(content: Record<string, unknown>): Promise<string> {
    const text = `${toBase64url(utf8(JSON.stringify({ alg: 'ES256', kid: ID, typ: 'mingcha-receipt-1' })))}.${toBase64url(utf8(JSON.stringify(content)))}`
    const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, this.sign.privateKey, utf8(text))
    return `${text}.${toBase64url(new Uint8Array(signature))}`
  }

  /** Opens a file as docs/rescue.md says; gives header and content. */
  async open(file: Uint8Array<ArrayBuffer>) {
    const header = file.slice(0, 113)
    const point = await crypto.subtle.importKey('raw', header.slice(32, 97), { name: 'ECDH', namedCurve: 'P-256' }, false, [])
    const secret = await crypto.subtle.deriveBits({ name: 'ECDH', public: point }, this.seal.privateKey, 256)
    const material = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey'])
    const info = joined([utf8('mingcha-rescue-1'), header])
    const key = await crypto.subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt: header.slice(97), info }, material, { name: 'AES-GCM', length: 256 }, false, ['decrypt'])
    const parts: Uint8Array<ArrayBuffer>[] = []
    for (let at = 113, counter = 0; at < file.length; at += 262_160, counter++) {
      const iv = new Uint8Array(12)
      new DataView(iv.buffer).setUint32(7, counter)
      iv[11] = at + 262_160 >= file.length ? 1 : 0
      parts.push(new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, file.slice(at, at + 262_160))))
    }
    return { header, content: joined(parts) }
  }
}

let db: Store
let server: Server

async function operation(n: number, change: Record<string, unknown> = {}): Promise<void> {
  const own = await device(db)
  await db.outbox.add({
    device: own.id, n, op: 'put', kind: 'finding', record: `r${n}`, id: `r${n}`, type: '', base: 0, at: NOW.toISOString(), data: { fact: '字' }, schema: 1,
    status: 'acked', live: 0, flying: 0, rev: n, ...change,
  } as never)
  await setMeta(db, 'device', { ...own, n })
}

async function photo(bytes: Uint8Array<ArrayBuffer>, state: string): Promise<string> {
  const hash = await sha256Hex(bytes.buffer)
  await db.photos.put({ sha256: hash, size: bytes.length, type: 'image/jpeg', name: null, state, records: ['r1'], offset: 0, url: null, sending: 0, code: null, added_at: NOW.getTime() } as never)
  if (state !== 'have') await db.photoBytes.put({ sha256: hash, bytes: bytes.buffer })
  return hash
}

/** A server that signs what it is asked, perhaps something else. */
function giving(change: Record<string, unknown> = {}) {
  let asked = 0
  const call = async (path: string, request: { body?: unknown } = {}) => {
    if (path !== '/api/v1/receipts') throw new Error(path)
    asked++
    const body = JSON.parse(request.body as string) as Parameters<typeof listHash>[0] & Record<string, unknown>
    const receipt = { ...body, records: body.records.length, photos: body.photos.length, refused: 0, list: await listHash(body), ...change }
    return json(200, { signed: await server.receipt(receipt), receipt })
  }
  return { call: call as never, count: () => asked }
}

const state = async (): Promise<DayState> => (await dayState(db, NOW)).state

beforeEach(async () => {
  db = freshStore()
  server = await new Server().start()
  await setMeta(db, 'serverKeys', { at: NOW.getTime(), keys: await server.keys() })
})

describe('this phone’s key', () => {
  it('is made once, cannot be taken out, and survives in the database', async () => {
    const [one, two] = await Promise.all([publicKey(db), publicKey(db)])
    expect(one).toBe(two)
    expect(fromBase64url(one!)).toHaveLength(65)
    const pair = (await knownKey(db))!
    expect(pair.privateKey.extractable).toBe(false)
    await expect(crypto.subtle.exportKey('pkcs8', pair.privateKey)).rejects.toThrow()
    expect(await publicKey(db)).toBe(one)
  })

  it('hears the server’s keys once a day', async () => {
    let asked = 0
    const call = async () => (asked++, json(200, { keys: await server.keys() }))
    await refreshServerKeys(db, call, NOW.getTime() + 1000)
    expect(asked).toBe(0)
    await refreshServerKeys(db, call, NOW.getTime() + 25 * 3_600_000)
    expect(asked).toBe(1)
    expect(await serverKeys(db)).toHaveLength(2)
  })
})

describe('the receipt', () => {
  it('is asked for when nothing is left to send, once, and again after more work', async () => {
    const { call, count } = giving()
    await operation(1, { status: 'queued', live: 1 })
    await askReceipt(db, call, NOW)
    expect([count(), await state()]).toEqual([0, 'left'])
    await db.outbox.toCollection().modify({ status: 'acked' })
    await photo(Uint8Array.of(1), 'waiting')
    await askReceipt(db, call, NOW)
    expect([count(), await state()]).toEqual([0, 'left'])
    await db.photos.toCollection().modify({ state: 'have' })
    expect(await state()).toBe('asking')
    await askReceipt(db, call, NOW)
    await askReceipt(db, call, NOW)
    expect([count(), await state()]).toEqual([1, 'safe'])
    expect((await dayState(db, NOW)).receipt).toMatchObject({ records: 1, photos: 1 })
    await operation(2)
    expect(await state()).toBe('asking')
    await askReceipt(db, call, NOW)
    expect([count(), await state()]).toEqual([2, 'safe'])
  })

  it('is not asked for while a photo was refused or a change could not be sent', async () => {
    const { call, count } = giving()
    await operation(1)
    await photo(Uint8Array.of(1), 'refused')
    await askReceipt(db, call, NOW)
    await db.photos.clear()
    await operation(0, { status: 'rejected', live: 1 })
    await askReceipt(db, call, NOW)
    expect([count(), await state()]).toEqual([0, 'left'])
  })

  it('with a refused record is not safe silently', async () => {
    await operation(1)
    await askReceipt(db, giving({ refused: 1 }).call, NOW)
    expect(await state()).toBe('refused')
  })

  it('does not call a phone safe on which a form is not saved', async () => {
    await operation(1)
    await askReceipt(db, giving().call, NOW)
    await db.drafts.put({ key: 'finding:x', state: {}, at: 1 })
    expect(await state()).toBe('drafts')
  })

  it('counts for nothing when its signature, or what it says, is not right', async () => {
    await operation(1)
    for (const lie of [{ n: 9 }, { device: 'other' }, { list: '00' }]) {
      await db.meta.where('key').startsWith('receipt').delete()
      await askReceipt(db, giving(lie).call, NOW)
      expect(await state(), JSON.stringify(lie)).not.toBe('safe')
    }
    await db.meta.where('key').startsWith('receipt').delete()
    await askReceipt(db, giving().call, NOW)
    expect(await state()).toBe('safe')
    await db.meta.where('key').startsWith('receipt:').modify((row) => {
      const kept = row.value as { signed: string }
      kept.signed = kept.signed.slice(0, -4) + (kept.signed.endsWith('AAAA') ? 'BBBB' : 'AAAA')
    })
    expect(await state()).toBe('bad')
    await setMeta(db, 'serverKeys', { at: 0, keys: await (await new Server().start()).keys() })
    expect(await verified(db, await server.receipt({ n: 1 }))).toBeUndefined()
    expect(await verified(db, 'a.b')).toBeUndefined()
    expect(await verified(db, 'a.b.c')).toBeUndefined()
  })

  it('says what the server lacks', async () => {
    await operation(1)
    const missing = { operations: { count: 0 }, records: { count: 1, ids: ['r1'] }, photos: { count: 2, sha256: [] } }
    await askReceipt(db, async () => problem(409, 'receipt_incomplete', { missing }), NOW)
    expect(await dayState(db, NOW)).toMatchObject({ state: 'missing', missing })
  })

  it('covers the day of the phone, and both ids of a phone that took a new one', async () => {
    await operation(1)
    await operation(2, { at: new Date(2026, 10, 24, 23, 59).toISOString() })
    await operation(3, { device: 'old', at: new Date(2026, 10, 25, 0, 1).toISOString() })
    expect(await madeOn(db, NOW)).toMatchObject({ day: '2026-11-25', n: 3, spans: [{ first: 1, last: 1 }, { device: 'old', first: 3, last: 3 }] })
    expect(await madeOn(db, new Date(2026, 10, 23, 12))).toBeUndefined()
  })
})

describe('the rescue file', () => {
  it('holds all that is unsent, sealed for the server and signed by this phone', async () => {
    await deviceKey(db)
    await operation(1)
    await operation(2, { status: 'queued', live: 1 })
    await operation(3, { status: 'queued', live: 1, op: 'event', type: 'submit', id: 'e3', record: 'r2', schema: 2 })
    const big = new Uint8Array(600_000).map((_, i) => i % 251)
    const hashes = [await photo(big, 'waiting'), await photo(Uint8Array.of(7), 'held'), await photo(Uint8Array.of(9), 'have')]
    await db.drafts.put({ key: 'finding:x', state: { fact: 'half' }, at: 1 })
    const sealed = await sealUnsent(db, ORG, NOW)
    expect(sealed).toMatchObject({ records: 1, photos: 2, drafts: 1 })
    expect(sealed.file.name).toMatch(/^mingcha-rescue-2026-11-25-[0-9a-f]{8}\.mcr$/)

    const bytes = new Uint8Array(await sealed.file.arrayBuffer())
    expect(isRescueFile(bytes)).toBe(true)
    const { header, content } = await server.open(bytes)
    const length = new DataView(content.buffer).getUint32(0)
    const raw = content.slice(4, 4 + length)
    const manifest = JSON.parse(new TextDecoder().decode(raw)) as Record<string, unknown>
    const queued = await db.outbox.where('status').equals('queued').sortBy('n')
    expect(manifest).toMatchObject({ format: 1, org: ORG, person: db.person, ops: queued.map(wire), schemas: [1, 2], aside: [] })
    expect((manifest.photos as { sha256: string }[]).map((one) => one.sha256).sort()).toEqual(hashes.slice(0, 2).sort())
    const signed = joined([utf8('mingcha-rescue-1\0'), await sha256(header), await sha256(raw)])
    const { publicKey: own } = (await knownKey(db))!
    expect(await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, own, content.slice(4 + length, 68 + length), signed)).toBe(true)
    let at = 68 + length
    for (const { sha256: hash, size } of manifest.photos as { sha256: string; size: number }[]) {
      expect(await sha256Hex(content.slice(at, at + size).buffer)).toBe(hash)
      at += size
    }
    expect(at).toBe(content.length)
    expect((await settled(db, queued)).map(wire)).toEqual(manifest.ops) // what the phone sends later is the same
  })

  it('ends well on a full last chunk', async () => {
    await deviceKey(db)
    await device(db)
    const spare = new Uint8Array(262_144)
    await photo(spare, 'waiting')
    const probe = await server.open(new Uint8Array(await (await sealUnsent(db, ORG, NOW)).file.arrayBuffer()))
    await db.photos.clear()
    await photo(new Uint8Array(262_144 - (probe.content.length - 262_144)), 'waiting')
    const { content } = await server.open(new Uint8Array(await (await sealUnsent(db, ORG, NOW)).file.arrayBuffer()))
    expect(content).toHaveLength(262_144)
  })

  it('says what is in the way', async () => {
    const why = async () =>
      sealUnsent(db, ORG, NOW).then(
        () => 'made',
        (error: CannotSeal) => error.why,
      )
    await operation(1, { status: 'queued' })
    expect(await why()).toBe('no_device_key')
    await deviceKey(db)
    await db.outbox.clear()
    expect(await why()).toBe('nothing')
    await db.meta.delete('serverKeys')
    expect(await why()).toBe('no_server_key')
  })
})

describe('SHA-256 piece by piece', () => {
  it('is that of WebCrypto, however it is cut', async () => {
    for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 70_000]) {
      const bytes = webcrypto.getRandomValues(new Uint8Array(Math.min(length, 65_536)))
      const whole = joined([bytes, new Uint8Array(length - bytes.length)])
      const digest = new Sha256()
      for (let at = 0; at < length; at += 37) digest.update(whole.subarray(at, at + 37))
      expect(digest.hex()).toBe(await sha256Hex(whole.buffer))
    }
  })
})
