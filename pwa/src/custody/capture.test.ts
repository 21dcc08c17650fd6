import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'

import type { Store } from '@/sync/db'
import { device, store } from '@/sync/outbox'
import { freshStore, json, problem, SELF } from '@/sync/testing'

import { fromBase64url, utf8 } from './bytes'
import { sayAgain, sendCaptures, signCaptures } from './capture'
import { publicKey } from './keys'

const NOW = new Date('2026-11-26T02:00:00Z')
const sha = (n: number) => String(n).padStart(64, '0')
let db: Store

async function saved(record: string, ...photos: number[]): Promise<void> {
  for (const n of photos) {
    await db.photos.put({ sha256: sha(n), size: 100 + n, type: 'image/jpeg', name: null, state: 'held', records: [], offset: 0, url: null, sending: 0, code: null, added_at: n })
  }
  const refs = photos.map((n) => ({ sha256: sha(n), size: 100 + n, type: 'image/jpeg', role: 'evidence', taken_at: '2026-11-26T01:59:00Z', lat: 31.5, lon: 104.7, accuracy_m: 6, place_age_ms: 3200, heading_deg: 120 }))
  await store(db, SELF, NOW, { kind: 'finding', id: record, patch: { photos: refs }, put: true, drafts: [] } as never)
}

const content = (jws: string) => JSON.parse(new TextDecoder().decode(fromBase64url(jws.split('.')[1]!))) as Record<string, unknown>

beforeEach(() => {
  db = freshStore()
})

describe('a signed capture', () => {
  it('says what the record says of the photo, under the phone’s key, chained to the one before', async () => {
    await saved('01900000-0000-7000-8000-000000000001', 1, 2)
    await Promise.all([signCaptures(db, NOW), signCaptures(db, NOW)]) // two pages at once
    await saved('01900000-0000-7000-8000-000000000002', 3)
    await signCaptures(db, NOW)
    await signCaptures(db, NOW)
    const rows = await db.captures.toArray()
    const own = await device(db)
    expect(rows.map((row) => [row.device, row.n, row.sha256])).toEqual([1, 2, 3].map((n) => [own.id, n, sha(n)]))
    let before = '0'.repeat(64)
    const key = await crypto.subtle.importKey('raw', fromBase64url((await publicKey(db))!), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify'])
    for (const row of rows) {
      expect(content(row.jws)).toMatchObject({ device: own.id, n: row.n, prev: before, sha256: row.sha256, size: 100 + row.n, role: 'evidence', taken_at: '2026-11-26T01:59:00Z', lat: 31.5, place_age_ms: 3200, heading_deg: 120, copy_of: null, person: SELF.id, signed_at: NOW.toISOString() })
      const [head, body, signature] = row.jws.split('.') as [string, string, string]
      expect(await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, fromBase64url(signature), utf8(`${head}.${body}`))).toBe(true)
      before = createHash('sha256').update(row.jws).digest('hex')
    }
    expect(content(rows[2]!.jws).record).toBe('01900000-0000-7000-8000-000000000002')
  })

  it('waits for its record, and is sent until the server has it', async () => {
    await db.photos.put({ sha256: sha(9), size: 1, type: 'image/jpeg', name: null, state: 'held', records: [], offset: 0, url: null, sending: 0, code: null, added_at: 1 })
    await signCaptures(db, NOW)
    expect(await db.captures.count()).toBe(0)
    await saved('01900000-0000-7000-8000-000000000001', 1)
    await signCaptures(db, NOW)
    const asked: unknown[] = []
    const answers = [problem(404, 'http_404'), problem(503, 'busy'), json(200, { kept: 1 })]
    const call = async (path: string, request: { body?: unknown } = {}) => {
      asked.push([path, JSON.parse(request.body as string)])
      return answers.shift()!
    }
    await sendCaptures(db, call as never)
    await expect(sendCaptures(db, call as never)).rejects.toThrow()
    await sendCaptures(db, call as never)
    await sendCaptures(db, call as never)
    const [row] = await db.captures.toArray()
    expect(asked).toEqual(Array(3).fill(['/api/v1/captures', { device: row!.device, captures: [row!.jws] }]))
    expect(row!.sent).toBe(1)
  })

  it('goes again to a server that began anew, while its photo was sent within 14 days', async () => {
    const sent: string[] = []
    const call = async (_: string, request: { body?: unknown } = {}) => {
      sent.push(...(JSON.parse(request.body as string) as { captures: string[] }).captures.map((jws) => content(jws).sha256 as string))
      return json(200, { kept: 1 })
    }
    const epoch = async (to: number) => db.meta.put({ key: 'device', value: { ...(await device(db)), registered: true, epoch: to } })
    const sync = async () => {
      await signCaptures(db, NOW)
      await sayAgain(db, NOW)
      await sendCaptures(db, call as never)
      return sent.splice(0)
    }
    await saved('01900000-0000-7000-8000-000000000001', 1, 2)
    await epoch(1)
    expect(await sync()).toEqual([sha(1), sha(2)])
    await db.photos.update(sha(1), { state: 'have', sent_at: NOW.getTime() - 15 * 86_400_000 })
    await db.photos.update(sha(2), { state: 'have', sent_at: NOW.getTime() - 13 * 86_400_000 })
    expect(await sync()).toEqual([])
    await epoch(2)
    expect(await sync()).toEqual([sha(2)])
    expect(await sync()).toEqual([])
  })

  it('waits when the no was not the server’s own', async () => {
    await saved('01900000-0000-7000-8000-000000000001', 1)
    await signCaptures(db, NOW)
    await expect(sendCaptures(db, (async () => problem(403, 'http_403')) as never)).rejects.toThrow()
    expect((await db.captures.toArray())[0]!.sent).toBe(0)
  })

  it('that is refused for good is kept and not sent again', async () => {
    await saved('01900000-0000-7000-8000-000000000001', 1)
    await signCaptures(db, NOW)
    let asked = 0
    const call = async () => (asked++, problem(422, 'malformed'))
    await sendCaptures(db, call as never)
    await sendCaptures(db, call as never)
    expect([asked, (await db.captures.toArray())[0]!.sent]).toEqual([1, 2])
  })
})
