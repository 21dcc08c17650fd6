import { beforeEach, describe, expect, it } from 'vitest'

import { type Call, type Fetch, Problem, Unreachable } from '@/api/client'
import type { Store } from '@/sync/db'
import { freshStore, json, problem } from '@/sync/testing'

import { sha256Hex } from './hash'
import { PieceSize, uploadAll, type UploadContext } from './upload'

const MINUTE = 60_000
const URL_ = '/api/v1/uploads/u1'

/** One tus upload; can lose a request, lose an answer, see that a piece is damaged, spoil what it keeps, or refuse. */
class TusServer {
  bytes: number[] = []
  length = 0
  created = 0
  stored = new Set<string>()
  sha256 = ''
  metadata: string[] = []
  faults: ('lost request' | 'lost answer' | 'damaged' | 'spoilt' | Response)[] = []
  pieces: number[] = []

  fetch: Fetch = async (path, call = {}) => {
    const method = call.method ?? 'GET'
    if (path === '/api/v1/photos/missing') return this.missing(call)
    const fault = method === 'HEAD' ? undefined : this.faults.shift()
    if (fault === 'lost request') throw new Unreachable()
    if (fault instanceof Response) return fault
    if (fault === 'damaged') return problem(460, 'checksum_mismatch')
    const answer = await this.tus(method, call)
    if (fault === 'spoilt') this.bytes[0]! ^= 1
    if (method !== 'HEAD' && this.bytes.length > 0 && this.bytes.length === this.length) return this.whole(answer)
    if (fault === 'lost answer') throw new Unreachable()
    return answer
  }

  private missing(call: Call): Response {
    const { photos } = JSON.parse(String(call.body)) as { photos: { sha256: string }[] }
    return json(200, {
      photos: photos.map(({ sha256 }) => ({
        sha256,
        state: this.stored.has(sha256) ? 'have' : this.bytes.length > 0 && sha256 === this.sha256 ? 'partial' : 'new',
        offset: this.bytes.length,
      })),
    })
  }

  private async tus(method: string, call: Call): Promise<Response> {
    const headers = call.headers ?? {}
    const state = () => ({ 'Upload-Offset': String(this.bytes.length), 'Tus-Resumable': '1.0.0' })
    if (method === 'POST') {
      this.created += 1
      this.length = Number(headers['Upload-Length'])
      const pairs = headers['Upload-Metadata']!.split(',').map((pair) => pair.split(' '))
      this.metadata = pairs.map(([key]) => key!)
      this.sha256 = atob(pairs[0]![1]!)
      if (call.body && this.bytes.length === 0) await this.append(call.body as Blob)
      return new Response(null, { status: 201, headers: { ...state(), Location: URL_ } })
    }
    if (this.created === 0) return problem(404, 'upload_unknown')
    if (method === 'HEAD') return new Response(null, { status: 200, headers: state() })
    if (Number(headers['Upload-Offset']) !== this.bytes.length) return problem(409, 'upload_offset', { offset: this.bytes.length })
    await this.append(call.body as Blob)
    return new Response(null, { status: 204, headers: state() })
  }

  private async append(body: Blob): Promise<void> {
    this.pieces.push(body.size)
    for (const byte of new Uint8Array(await body.arrayBuffer())) this.bytes.push(byte)
  }

  private async whole(answer: Response): Promise<Response> {
    if ((await sha256Hex(new Uint8Array(this.bytes).buffer)) === this.sha256) {
      this.stored.add(this.sha256)
      return answer
    }
    this.bytes = []
    this.created = 0
    return problem(422, 'hash_mismatch')
  }
}

let db: Store
let server: TusServer
let context: UploadContext
let now: number

async function photo(size: number, records = ['r1']): Promise<string> {
  const bytes = new Uint8Array(size).map((_, i) => (i * 7) % 251).buffer
  const sha256 = await sha256Hex(bytes)
  await db.photoBytes.put({ sha256, bytes })
  await db.photos.put({ sha256, size, type: 'image/jpeg', name: '热像 1.jpg', state: 'waiting', records, offset: 0, url: null, sending: 0, code: null, added_at: 0 })
  return sha256
}

const upload = (piece = new PieceSize()) => uploadAll(context, piece)

describe('uploading', () => {
  beforeEach(() => {
    db = freshStore()
    server = new TusServer()
    now = Date.UTC(2026, 10, 27)
    context = { db, call: server.fetch, clock: () => 0, now: () => now, between: async () => {}, progress: () => {}, may: async () => true }
  })

  it('sends a small photo in one request and then knows that the server has it', async () => {
    const sha256 = await photo(300_000)
    expect(await upload()).toBe(1)
    expect(server.pieces).toEqual([300_000])
    expect((await db.photos.toArray())[0]).toMatchObject({ state: 'have', sent_at: expect.any(Number) as number })
    expect(await db.photos.get(sha256)).toMatchObject({ state: 'have', sending: 0 })
  })

  it('sends a large photo in growing pieces', async () => {
    await photo(5_000_000)
    await upload()
    expect(server.pieces.slice(0, 4)).toEqual([524_288, 524_288, 1_048_576, 1_048_576])
    expect(server.stored.size).toBe(1)
  })

  it('goes on where the server stands after a kill, without sending anything twice', async () => {
    const sha256 = await photo(1_500_000)
    server.faults = [new Response(null, { status: 201, headers: { Location: URL_, 'Upload-Offset': '0' } })]
    server.created = 1
    server.length = 1_500_000
    server.sha256 = sha256
    server.faults.push('lost answer')
    await expect(upload()).rejects.toThrow(Unreachable)
    expect(server.bytes.length).toBe(524_288)
    await upload()
    expect(server.pieces.reduce((sum, size) => sum + size, 0)).toBe(1_500_000)
    expect(server.stored.has(sha256)).toBe(true)
  })

  it('stops between two pieces when a photo may not go on, and later goes on at that byte', async () => {
    const sha256 = await photo(1_500_000)
    context.may = async (one) => one.offset === 0
    expect(await upload()).toBe(0)
    expect(await db.photos.get(sha256)).toMatchObject({ state: 'waiting', sending: 0, offset: 524_288 })
    context.may = async () => true
    expect(await upload()).toBe(1)
    expect(server.pieces.reduce((sum, size) => sum + size, 0)).toBe(1_500_000)
  })

  it('asks nothing of the server for photos that may not go', async () => {
    await photo(300_000)
    context.may = async () => false
    context.call = () => Promise.reject(new Error('asked'))
    expect(await upload()).toBe(0)
  })

  it('finds its upload again when even the answer to its creation was lost', async () => {
    await photo(1_500_000)
    server.faults = ['lost answer']
    await expect(upload()).rejects.toThrow(Unreachable)
    await upload()
    expect(server.stored.size).toBe(1)
  })

  it('asks where the server stands when the offset is stale', async () => {
    const sha256 = await photo(1_200_000)
    await db.photos.update(sha256, { url: URL_ })
    server.created = 1
    server.length = 1_200_000
    server.sha256 = sha256
    server.faults = [problem(409, 'upload_taken_over')]
    await upload()
    expect(server.stored.has(sha256)).toBe(true)
  })

  it('sends a damaged piece again, smaller', async () => {
    await photo(1_200_000)
    server.faults = [undefined as never, 'damaged']
    await upload()
    expect(server.pieces[0]).toBe(262_144)
    expect(server.stored.size).toBe(1)
  })

  it('makes the upload anew when the server has forgotten it', async () => {
    const sha256 = await photo(1_200_000)
    await db.photos.update(sha256, { url: '/api/v1/uploads/gone' })
    await upload()
    expect(server.stored.has(sha256)).toBe(true)
  })

  it('stores a final refusal with its reason and keeps the bytes', async () => {
    const sha256 = await photo(1000)
    server.faults = [problem(415, 'not_a_photo')]
    await upload()
    expect(await db.photos.get(sha256)).toMatchObject({ state: 'refused', code: 'not_a_photo' })
    expect(await db.photoBytes.count()).toBe(1)
  })

  it.each([['small', 900_000], ['large', 1_500_000]])('sends a %s photo anew, from its first byte, when another content arrived', async (_, size) => {
    const sha256 = await photo(size)
    server.faults = size > 1_048_576 ? [undefined as never, 'spoilt'] : ['spoilt']
    expect(await upload()).toBe(1)
    expect(server.stored.has(sha256)).toBe(true)
    expect(server.pieces.reduce((sum, piece) => sum + piece, 0)).toBe(2 * size)
    expect(await db.photos.get(sha256)).toMatchObject({ state: 'have', code: null })
  })

  it('waits longer each time when another content arrives over and over, lets the next photo pass and refuses nothing', async () => {
    const sha256 = await photo(900_000)
    const next = await photo(400_000)
    await db.photos.update(next, { added_at: 1 })
    const spoilt = () => (server.faults = ['spoilt', 'spoilt', 'spoilt'])
    spoilt()
    expect(await upload()).toBe(1)
    expect(server.stored.has(next)).toBe(true)
    expect(await db.photos.get(sha256)).toMatchObject({ state: 'waiting', code: null, sending: 0 })
    server.pieces = []
    expect(await upload()).toBe(0)
    expect(server.pieces).toEqual([])
    now += 10 * MINUTE
    server.bytes = []
    spoilt()
    expect(await upload()).toBe(0)
    now += 10 * MINUTE
    expect(await upload()).toBe(0)
    now += 10 * MINUTE
    server.bytes = []
    expect(await upload()).toBe(1)
    expect(server.stored.has(sha256)).toBe(true)
  })

  it('says that the bytes are lost when it is the phone that has another content', async () => {
    const sha256 = await photo(1000)
    await db.photoBytes.update(sha256, { bytes: new Uint8Array(1000).buffer })
    expect(await upload()).toBe(0)
    expect(await db.photos.get(sha256)).toMatchObject({ state: 'refused', code: 'bytes_lost' })
    expect(server.created).toBe(0)
    now += 365 * 24 * 60 * MINUTE
    server.pieces = []
    expect(await upload()).toBe(0)
    expect(server.pieces).toEqual([])
  })

  it.each([[413, 'too_large'], [415, 'not_a_photo']])('offers a photo that was refused (%i %s) again by itself, a day later', async (status, code) => {
    const sha256 = await photo(1000)
    server.faults = [problem(status, code)]
    expect(await upload()).toBe(0)
    expect(await upload()).toBe(0)
    expect(await db.photos.get(sha256)).toMatchObject({ state: 'refused', code })
    now += 24 * 60 * MINUTE
    expect(await upload()).toBe(1)
    expect(await db.photos.get(sha256)).toMatchObject({ state: 'have', code: null })
  })

  it('is not kept from sending by a clock that was set back', async () => {
    const sha256 = await photo(1000)
    server.faults = [problem(413, 'too_large')]
    await upload()
    now -= 365 * 24 * 60 * MINUTE
    expect(await upload()).toBe(1)
    expect(server.stored.has(sha256)).toBe(true)
  })

  it('declares no type: the browser makes it out of the name of the file', async () => {
    await photo(1000)
    await upload()
    expect(server.metadata).toEqual(['sha256', 'name'])
  })

  it('keeps the bytes while the server does not say that it has the hash', async () => {
    const sha256 = await photo(1000)
    const { fetch } = server
    context.call = async (path, call) => {
      const answer = await fetch(path, call)
      server.stored.clear()
      return answer
    }
    expect(await upload()).toBe(0)
    expect(await db.photoBytes.count()).toBe(1)
    expect(await db.photos.get(sha256)).toMatchObject({ state: 'waiting' })
  })

  describe('behind a proxy that lets only small requests pass', () => {
    const page = () => new Response('<h1>413</h1>', { status: 413, headers: { 'Content-Type': 'text/html' } })
    let limit: number

    beforeEach(() => {
      const { fetch } = server
      context.call = (path, call) => (call?.body instanceof Blob && call.body.size > limit ? Promise.resolve(page()) : fetch(path, call))
    })

    it('sends a small photo in pieces when it may not go at once', async () => {
      limit = 300_000
      const sha256 = await photo(900_000)
      expect(await upload()).toBe(1)
      expect(server.stored.has(sha256)).toBe(true)
      expect(Math.max(...server.pieces)).toBeLessThanOrEqual(limit)
    })

    it('keeps a photo waiting when nothing passes: the limit is not the server\'s word', async () => {
      limit = 0
      const sha256 = await photo(900_000)
      await expect(upload()).rejects.toMatchObject({ name: 'Unreachable', between: 413 })
      expect(await db.photos.get(sha256)).toMatchObject({ state: 'waiting', sending: 0 })
      limit = 300_000
      expect(await upload()).toBe(1)
    })
  })

  it('takes no piece for sent that a stranger has answered', async () => {
    await photo(1_200_000)
    server.faults = [undefined as never, new Response('<h1>Welcome</h1>', { status: 200, headers: { 'Content-Type': 'text/html' } })]
    const told: number[] = []
    context.progress = (bytes) => void told.push(bytes)
    await expect(upload()).rejects.toMatchObject({ name: 'Unreachable', between: 200 })
    expect(told).toEqual([])
    expect(await upload()).toBe(1)
  })

  it('stops at an ended session and keeps everything', async () => {
    await photo(1000)
    server.faults = [problem(401, 'session_expired')]
    await expect(upload()).rejects.toThrow(Problem)
    expect(await db.photoBytes.count()).toBe(1)
  })

  it('does not send what the server already has', async () => {
    const sha256 = await photo(1000)
    server.stored.add(sha256)
    expect(await upload()).toBe(1)
    expect(server.pieces).toEqual([])
  })

  it('lets the record go first', async () => {
    await photo(1000, ['r1'])
    await db.outbox.add({ device: 'd', n: 1, op: 'put', kind: 'infrared', record: 'r1', id: 'r1', type: '', base: 0, at: '', data: {}, schema: 1, status: 'queued', live: 1, flying: 0 })
    expect(await upload()).toBe(0)
    expect(server.created).toBe(0)
  })
})
