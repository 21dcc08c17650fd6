import { beforeEach, describe, expect, it, vi } from 'vitest'

import { type Fetch, Unreachable } from '@/api/client'

import { hear } from './bus'
import type { Store } from './db'
import { backoff, SyncLoop } from './loop'
import { store } from './outbox'
import type { LeaderStatus } from './status'
import { freshStore, json, problem, ScriptedServer, SELF } from './testing'

vi.stubGlobal('__APP_VERSION__', 'test')
const NOW = new Date('2026-11-24T08:00:00Z')
let db: Store
let server: ScriptedServer
let call: Fetch
let seen: LeaderStatus[]

hear((message) => {
  if (message.type === 'status') seen.push(message.status as LeaderStatus)
})

async function run(): Promise<SyncLoop> {
  const loop = new SyncLoop(db, call)
  await loop.start()
  await loop.rest()
  loop.stop()
  return loop
}

const last = () => seen.at(-1)!
const save = (id: string) => store(db, SELF, NOW, { kind: 'infrared', id, patch: { note: id }, put: true, drafts: [] })

describe('the sync loop', () => {
  beforeEach(() => {
    db = freshStore()
    server = new ScriptedServer()
    seen = []
    call = async (path, options) => {
      if (path.startsWith('/api/v1/sync/pull')) return json(200, { cursor: 'c', more: false, now: '', changes: [], drop_scopes: [] })
      if (path.endsWith('/report')) return new Response(null, { status: 204 })
      return server.fetch(path, options)
    }
  })

  it('registers the phone, pushes, pulls and says that all is well', async () => {
    await save('r1')
    await run()
    expect(server.applied).toHaveLength(1)
    expect(last()).toMatchObject({ phase: 'idle', code: null })
    expect(last().lastSync).not.toBeNull()
  })

  it('says that it is offline when the server does not answer, whatever the browser believes', async () => {
    call = async () => {
      throw new Unreachable()
    }
    await save('r1')
    await run()
    expect(last().phase).toBe('offline')
    expect(last().nextTry).toBeGreaterThan(0)
    expect(await db.outbox.where('status').equals('queued').count()).toBe(1)
  })

  it('asks to sign in when the session has ended and keeps everything', async () => {
    call = async () => problem(401, 'session_expired')
    await save('r1')
    await run()
    expect(last()).toMatchObject({ phase: 'signin', code: 'session_expired' })
    expect(await db.outbox.where('status').equals('queued').count()).toBe(1)
  })

  it('asks after its first page whether what it sent before is still there: a backup may have been put back between', async () => {
    const inner = call
    call = (path, options) => (path.includes('/pull') ? Promise.reject(new Unreachable()) : inner(path, options))
    await save('r1')
    await run()
    expect(server.applied).toHaveLength(1)
    server.restore({})
    call = inner
    await run()
    expect(server.applied).toHaveLength(1)
  })

  it('goes on sending with an app too old to receive', async () => {
    const inner = call
    call = async (path, options) => (path.includes('/pull') ? problem(426, 'schema_too_old') : inner(path, options))
    await save('r1')
    await run()
    expect(server.applied).toHaveLength(1)
    expect(seen.some((status) => status.phase === 'old')).toBe(true)
  })

  it('waits between nothing and twice as long each time, five minutes at most', () => {
    expect([1, 2, 3, 20].map((tries) => backoff(tries, 1))).toEqual([4000, 8000, 16_000, 300_000])
    expect(backoff(5, 0)).toBe(0)
    expect(backoff(1, 0.5, 30_000)).toBe(32_000)
  })
})
