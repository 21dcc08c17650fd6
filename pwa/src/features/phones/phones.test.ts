import { describe, expect, it } from 'vitest'

import { type Bounds, byTrouble, oldest, type Phone, troublesOf } from './phones'

const NOW = Date.parse('2026-11-26T08:00:00Z')
const ago = (hours: number) => new Date(NOW - hours * 3_600_000).toISOString()
const bounds: Bounds = { now: NOW, clockLimitMs: 300_000, version: '1.0' }
const quiet = { app_version: '1.0', records: 0, photos: 0, photo_bytes: 0, attention: 0, records_since: null, photos_since: null, free_bytes: 2 ** 33, persistent: true, faults: [] }

function phone(change: Partial<Phone> = {}, report: Partial<NonNullable<Phone['report']>> | null = {}): Phone {
  return {
    id: 'p', person: 'x', name: 'Android', app_version: '1.0', last_seen: ago(1), revoked_at: null, skew_ms: 100, skew_error_ms: 50, reported_at: ago(1),
    report: report && { ...quiet, ...report }, announced: null, ...change,
  }
}

describe('a phone', () => {
  it('is well when nothing waits, however long it was silent', () => {
    expect(troublesOf(phone({ last_seen: ago(999) }), bounds)).toEqual([])
    expect(troublesOf(phone({ last_seen: null }, null), bounds)).toEqual([])
  })

  it('is silent after a day with work that it has not sent, by its own word or because photos are awaited', () => {
    expect(troublesOf(phone({ last_seen: ago(25) }, { records: 1 }), bounds)).toEqual(['silent'])
    expect(troublesOf(phone({ last_seen: ago(23) }, { records: 1 }), bounds)).toEqual([])
    const awaited = { device: 'p', photos: 2, records: 1, since: ago(30) }
    expect(troublesOf(phone({ last_seen: ago(25), announced: awaited }, null), bounds)).toEqual(['silent', 'photos'])
    expect(troublesOf(phone({ announced: { ...awaited, since: ago(2) } }), bounds)).toEqual([])
  })

  it('tells of its storage, clock, faults and version', () => {
    expect(troublesOf(phone({}, { persistent: false }), bounds)).toEqual([])
    expect(troublesOf(phone({}, { persistent: false, photos: 1 }), bounds)).toEqual(['storage'])
    expect(troublesOf(phone({}, { persistent: null, free_bytes: null }), bounds)).toEqual([])
    expect(troublesOf(phone({}, { free_bytes: 2 ** 28 }), bounds)).toEqual(['storage'])
    expect(troublesOf(phone({ skew_ms: 900_000 }), bounds)).toEqual(['clock'])
    expect(troublesOf(phone({ app_version: '0.9' }), bounds)).toEqual(['old'])
    expect(troublesOf(phone({}, { attention: 1, faults: [{ code: 'sync.broken', count: 1, at: ago(1) }] }), bounds)).toEqual(['attention', 'faults'])
  })

  it('that was revoked is nobody’s trouble any more', () => {
    expect(troublesOf(phone({ revoked_at: ago(1), last_seen: ago(99) }, { records: 5 }), bounds)).toEqual([])
  })

  it('says since when its oldest work waits', () => {
    expect(oldest(phone({ announced: { device: 'p', photos: 1, records: 1, since: ago(9) } }, { records: 1, records_since: ago(5), photos_since: ago(7) }))).toBe(Date.parse(ago(9)))
    expect(oldest(phone({}, null))).toBeUndefined()
  })
})

it('the worst phone comes first, the revoked last', () => {
  const list = [
    phone({ id: 'well' }),
    phone({ id: 'revoked', revoked_at: ago(1) }),
    phone({ id: 'old', app_version: '0.9' }),
    phone({ id: 'silent', last_seen: ago(30) }, { records: 1, records_since: ago(30) }),
    phone({ id: 'more silent', last_seen: ago(30) }, { records: 1, records_since: ago(90) }),
  ]
  expect(byTrouble(list, bounds).map((each) => each.phone.id)).toEqual(['more silent', 'silent', 'old', 'well', 'revoked'])
})
