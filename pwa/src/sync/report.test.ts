import { beforeEach, describe, expect, it, vi } from 'vitest'

import { type Call, Problem, Unreachable } from '@/api/client'

import { note, setMeta, type Store } from './db'
import { store } from './outbox'
import { faultsOf, report, type Report } from './report'
import { freshStore, SELF } from './testing'

vi.stubGlobal('__APP_VERSION__', '9.9')
const NOW = new Date('2026-11-26T08:00:00Z')
const after = (ms: number) => new Date(NOW.getTime() + ms)
let db: Store
let told: Report[]
const call = async (path: string, options?: Call) => {
  expect(path).toBe('/api/v1/devices/d/report')
  told.push(JSON.parse(String(options?.body)) as Report)
  return new Response(null, { status: 204 })
}

describe('what a phone tells of itself', () => {
  beforeEach(async () => {
    db = freshStore()
    told = []
    await setMeta(db, 'device', { id: 'd', n: 0, registered: true })
  })

  it('counts what is not sent, and since when', async () => {
    await store(db, SELF, NOW, { kind: 'infrared', id: 'r1', patch: { note: '张三家' }, put: true, drafts: [] })
    await db.photos.add({ sha256: 'a', size: 900, type: 'image/jpeg', name: null, state: 'waiting', records: ['r1'], offset: 400, url: null, sending: 0, code: null, added_at: NOW.getTime() - 5000 })
    await report(db, call, after(1000))
    expect(told).toMatchObject([{ app_version: '9.9', records: 1, photos: 1, photo_bytes: 500, records_since: NOW.toISOString(), photos_since: after(-5000).toISOString() }])
    expect(JSON.stringify(told)).not.toContain('张三')
  })

  it('is told when it changes, at most once a minute, and each hour when it does not', async () => {
    await report(db, call, NOW)
    await report(db, call, after(30_000))
    await store(db, SELF, NOW, { kind: 'infrared', id: 'r1', patch: {}, put: true, drafts: [] })
    await report(db, call, after(40_000))
    expect(told).toHaveLength(1)
    await report(db, call, after(60_000))
    await report(db, call, after(200_000))
    expect(told.map((one) => one.records)).toEqual([0, 1])
    await report(db, call, after(60_000 + 3_600_000))
    expect(told).toHaveLength(3)
  })

  it('is told again at once when the clock was set back', async () => {
    await report(db, call, after(86_400_000))
    await report(db, call, NOW)
    expect(told).toHaveLength(2)
  })

  it('stops nothing when it is refused, and is asked for again when nobody heard it', async () => {
    const refusing = () => Promise.reject(new Problem(404, 'not_found'))
    await report(db, refusing, NOW)
    const deaf = () => Promise.reject(new Unreachable())
    await expect(report(db, deaf, after(3_600_001))).rejects.toThrow(Unreachable)
    await report(db, call, after(3_600_002))
    expect(told).toHaveLength(1)
  })

  it('says nothing before the server knows the phone', async () => {
    await setMeta(db, 'device', { id: 'd', n: 0, registered: false })
    await report(db, call, NOW)
    expect(told).toHaveLength(0)
  })

  it('counts faults by code, the latest first, without what stood beside them', async () => {
    const day = 86_400_000
    const at = (days: number, event: string, facts = {}) => ({ at: NOW.getTime() - days * day, event, facts })
    const log = [at(9, 'sync.refused', { code: 'old' }), at(3, 'sync.refused', { code: 'storage_full' }), at(2, 'sync.broken', { error: '王建国 …' }), at(1, 'sync.refused', { code: 'storage_full' }), at(0, 'window.pruned')]
    expect(faultsOf(log, NOW.getTime())).toEqual([
      { code: 'sync.refused:storage_full', count: 2, at: after(-day).toISOString() },
      { code: 'sync.broken', count: 1, at: after(-2 * day).toISOString() },
    ])
    await note(db, 'sync.refused', { code: 'server_error' })
    await report(db, call, new Date())
    expect(told[0]!.faults).toMatchObject([{ code: 'sync.refused:server_error', count: 1 }])
  })
})
