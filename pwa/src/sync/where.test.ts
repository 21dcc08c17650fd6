import { beforeEach, describe, expect, it } from 'vitest'

import { Problem, Unreachable } from '@/api/client'

import type { OutRow, PhotoRow, Store } from './db'
import { store } from './outbox'
import { reasonOf } from './reasons'
import { freshStore, SELF } from './testing'
import { askedFor, headline, know, type Known, made, recordsOf, whereLocal } from './where'

const NOW = Date.parse('2026-11-24T08:00:00Z')
const ID = '01900000-0000-7000-8000-000000000001'
const SHA = 'a'.repeat(64)

const op = (change: Partial<OutRow> = {}): OutRow => ({
  seq: 5, device: 'd', n: 5, op: 'put', kind: 'infrared', record: ID, id: ID, type: '', base: 0, at: '2026-11-24T08:00:00Z', data: {}, schema: 1, status: 'queued', live: 1, flying: 0, ...change,
})
const photo = (change: Partial<PhotoRow> = {}): PhotoRow => ({
  sha256: SHA, size: 10, type: 'image/jpeg', name: null, state: 'waiting', records: [ID], offset: 0, url: null, sending: 0, code: null, added_at: 1, ...change,
})
const known = (change: Partial<Known> = {}): Known => ({
  id: ID, ops: [], photos: [], queue: [], photoQueue: [], draft: undefined, base: undefined, status: { reason: 'signal', nextTry: NOW + 40_000 }, ...change,
})

describe('where something is, as this phone knows it', () => {
  it('gives every waiting operation its place, its reason and the time of the next try', () => {
    for (const reason of ['signal', 'asked', 'backoff', 'signin', 'revoked', 'storage', 'database', 'full', 'other_tab', 'soon'] as const) {
      const local = whereLocal(known({ ops: [op()], queue: [3, 4, 5], status: { reason, nextTry: NOW + 1 } }))
      expect(local.ops[0]).toMatchObject({ place: 'waiting', nth: 3, reason })
      expect(local.nextTry).toBe(NOW + 1)
      expect(headline(local)).toBe('waiting')
    }
  })

  it('goes on sending with an app too old to receive', () => {
    expect(whereLocal(known({ ops: [op()], queue: [5], status: { reason: 'old', nextTry: NOW } })).ops[0]!.reason).toBe('soon')
  })

  it('tells sending, sent, refused, sent anew, in conflict and let be apart', () => {
    const place = (change: Partial<OutRow>, later: OutRow[] = []) => whereLocal(known({ ops: [op(change), ...later], queue: [5, 6] })).ops[0]!.place
    expect(place({ flying: 1 })).toBe('sending')
    expect(place({ status: 'acked', live: 0 })).toBe('sent')
    expect(place({ status: 'rejected' })).toBe('refused')
    expect(place({ status: 'rejected', live: 0 }, [op({ seq: 6, n: 6 })])).toBe('superseded')
    expect(place({ status: 'rejected', live: 0 })).toBe('settled')
    expect(place({ status: 'conflict' })).toBe('conflict')
  })

  it('has a photo wait for its record first, then for the photos before it, then for the line', () => {
    const reason = (change: Partial<Known>) => whereLocal(known({ photos: [photo()], photoQueue: ['b', SHA], ...change })).photos[0]!.reason
    expect(reason({ ops: [op()], queue: [5] })).toBe('record_first')
    expect(reason({ status: { reason: 'sending', nextTry: null } })).toBe('photos_first')
    expect(reason({})).toBe('signal')
    expect(whereLocal(known({ photos: [photo({ sending: 1 })] })).photos[0]).toMatchObject({ place: 'sending' })
    expect(headline(whereLocal(known({ photos: [photo()], ops: [op({ status: 'acked' })] })))).toBe('photos')
  })

  it('says that a step can still be taken back, and that a draft is no record yet', () => {
    expect(headline(whereLocal(known({ draft: { reason: 'undo', at: NOW } })))).toBe('undo')
    expect(whereLocal(known({ draft: { reason: 'undo', at: NOW + 7 } })).nextTry).toBe(NOW + 7)
    expect(headline(whereLocal(known({ draft: { reason: 'draft', at: NOW } })))).toBe('draft')
    expect(headline(whereLocal(known()))).toBe('unknown')
  })
})

describe('why a round failed', () => {
  it('has a reason for everything that can stop it', () => {
    class Full extends Error {
      override name = 'QuotaExceededError'
    }
    const dexie = Object.assign(new Error('abort'), { inner: new Full() })
    const reasons = [
      new Unreachable(), new Unreachable(undefined, 403), new Problem(503, 'schema_too_new', {}, 60), new Problem(401, 'session_expired'), new Problem(403, 'device_revoked'), new Problem(507, 'storage_full'),
      new Problem(503, 'busy', {}, 2), new Problem(500, 'internal'), new Full(), dexie, new DOMException('The database connection is closing', 'InvalidStateError'), new TypeError('x'),
    ].map(reasonOf)
    expect(reasons).toEqual(['signal', 'between', 'upgrade', 'signin', 'revoked', 'full', 'asked', 'backoff', 'storage', 'storage', 'database', 'backoff'])
  })
})

describe('asking', () => {
  let db: Store
  beforeEach(() => {
    db = freshStore()
  })

  it('understands an id, an operation, a hash, and an address that holds one', () => {
    const event = '01900000-0000-7000-8000-000000000002'
    expect(askedFor(` ${ID.toUpperCase()} `)).toBe(ID)
    expect(askedFor(`https://mingcha.example/r/infrared/${ID}?x=1`)).toBe(ID)
    expect(askedFor(`${event}:41`)).toBe(`${event}:41`)
    expect(askedFor(SHA)).toBe(SHA)
    expect(askedFor('邯东线 27#')).toBeUndefined()
  })

  it('finds the record by its id, its event, its operation and its photo, also after all was acknowledged', async () => {
    await store(db, SELF, new Date(NOW), { kind: 'finding', id: ID, patch: { note: 'x' }, put: true, drafts: [] })
    await store(db, SELF, new Date(NOW), { kind: 'finding', id: ID, patch: {}, event: { type: 'submit', data: {} }, put: false, drafts: [] })
    await db.photos.put(photo())
    await db.outbox.toCollection().modify({ status: 'acked', live: 0 })
    const [put, event] = await db.outbox.orderBy('seq').toArray()
    for (const asked of [ID, event!.id, `${put!.device}:${put!.n}`, SHA]) expect(await recordsOf(db, asked)).toEqual([ID])
    expect(await made(db)).toEqual([{ id: ID, kind: 'finding', at: new Date(NOW).toISOString() }])
    const local = whereLocal(await know(db, ID, { reason: 'soon', nextTry: NOW }, NOW))
    expect(local.ops.map((one) => one.place)).toEqual(['sent', 'sent'])
    expect(local.photos).toHaveLength(1)
  })

  it('sees a step that is held for undo in its draft', async () => {
    await db.drafts.put({ key: `repair:${ID}`, state: { held: { step: 'arrive', at: new Date(NOW).toISOString() } }, at: NOW })
    expect((await know(db, ID, { reason: 'soon', nextTry: null }, NOW)).draft).toEqual({ reason: 'undo', at: NOW + 10_000 })
    await db.drafts.put({ key: 'desk:held', state: [{ id: 'x', due: NOW + 5 }], at: NOW })
    expect((await know(db, 'x', { reason: 'soon', nextTry: null }, NOW)).draft).toEqual({ reason: 'undo', at: NOW + 5 })
  })
})
