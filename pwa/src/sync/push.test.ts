import { beforeEach, describe, expect, it } from 'vitest'

import { Problem, Unreachable } from '@/api/client'

import type { Device, PhotoState, Store } from './db'
import { store } from './outbox'
import { BatchSize, greet, landAll, pushAll, type PushContext, register } from './push'
import { freshStore, problem, ScriptedServer, SELF } from './testing'

const NOW = new Date('2026-11-24T08:00:00Z')
const id = (i: number) => `01900000-0000-7000-8000-${String(i).padStart(12, '0')}`
let db: Store
let server: ScriptedServer
let context: PushContext

async function make(count: number, from = 1): Promise<void> {
  for (let i = from; i < from + count; i++) await store(db, SELF, NOW, { kind: 'infrared', id: id(i), patch: { note: `n${i}` }, put: true, drafts: [] })
}

const push = (size = new BatchSize()) => pushAll(context, size)
const queued = () => db.outbox.where('status').equals('queued').count()
const notes = () => server.applied.map((op) => op.data?.note)
const expected = (count: number) => Array.from({ length: count }, (_, i) => `n${i + 1}`)

describe('pushing', () => {
  beforeEach(() => {
    db = freshStore()
    server = new ScriptedServer()
    context = { db, call: server.fetch, now: () => NOW, version: 'test' }
  })

  it('sends all operations once, in order, a hundred at a time', async () => {
    await make(120)
    await push()
    expect(notes()).toEqual(expected(120))
    expect(await queued()).toBe(0)
    expect(server.requests.filter(({ path }) => path.endsWith('push'))).toHaveLength(2)
  })

  it('applies nothing twice when answers and requests are lost', async () => {
    await make(30)
    server.faults = ['lost answer', 'lost request', 'lost answer', 'lost answer']
    for (let i = 0; i < 4; i++) await expect(push()).rejects.toThrow(Unreachable)
    await push()
    expect(notes()).toEqual(expected(30))
    expect(await queued()).toBe(0)
  })

  it('halves the batch when requests do not get through and doubles it again', async () => {
    await make(10)
    const size = new BatchSize()
    server.faults = ['lost request', 'lost request']
    await expect(push(size)).rejects.toThrow()
    await expect(push(size)).rejects.toThrow()
    expect(size.value).toBe(25)
    await push(size)
    expect(size.value).toBe(50)
  })

  it.each([200, 400, 401, 403, 404, 410, 413, 451, 511])('believes no page that somebody on the way answers with (%i)', async (status) => {
    await make(3)
    const page = () => Promise.resolve(new Response('<html>Sign in to this network</html>', { status, headers: { 'Content-Type': 'text/html' } }))
    for (let i = 0; i < 3; i++) await expect(pushAll({ ...context, call: page }, new BatchSize())).rejects.toThrow()
    expect(await queued()).toBe(3)
    await push()
    expect(notes()).toEqual(expected(3))
  })

  it.each([400, 403, 410, 413])('believes none either when the phone is known and only the push meets it (%i)', async (status) => {
    await make(3)
    server.faults = ['lost request']
    await expect(push()).rejects.toThrow(Unreachable)
    const page: typeof server.fetch = (path, call) => (path.endsWith('/push') ? Promise.resolve(new Response('<html>', { status })) : server.fetch(path, call))
    await expect(pushAll({ ...context, call: page }, new BatchSize())).rejects.toThrow()
    expect(await db.outbox.where('status').equals('rejected').count()).toBe(0)
    await push()
    expect(notes()).toEqual(expected(3))
  })

  it.each([408, 503, 507])('keeps everything, sends less and says the reason when the server refuses for now (%i)', async (status) => {
    await make(10)
    const size = new BatchSize()
    const before = size.value
    server.faults = [{ status, code: 'storage_full' }]
    await expect(push(size)).rejects.toMatchObject({ status, code: 'storage_full' })
    expect(await queued()).toBe(10)
    expect(size.value).toBe(before / 2)
    await push(size)
    expect(notes()).toEqual(expected(10))
  })

  it('keeps everything and stops when the session has ended', async () => {
    await make(3)
    server.faults = [{ status: 401, code: 'session_expired' }]
    await expect(push()).rejects.toMatchObject({ status: 401 })
    expect(await queued()).toBe(3)
    expect((await db.outbox.toArray()).filter((op) => op.flying)).toEqual([])
  })

  it('sends what an older app wrote in an envelope of its own schema, in order', async () => {
    await make(5)
    const ops = await db.outbox.orderBy('seq').toArray()
    for (const op of ops.slice(2)) await db.outbox.update(op.seq!, { schema: 2 })
    await push()
    expect(notes()).toEqual(expected(5))
    const sent = server.requests.filter(({ path }) => path.endsWith('push')).map(({ body }) => body as { schema: number; ops: { n: number }[] })
    expect(sent.map(({ schema, ops }) => [schema, ops.map((op) => op.n)])).toEqual([[1, [1, 2]], [2, [3, 4, 5]]])
  })

  it('sends again what a restored server has lost', async () => {
    await make(5)
    await push()
    const device = (await db.meta.get('device'))!.value as Device
    const known = server.devices.get(device.id)!
    known.n = 2
    server.applied = server.applied.slice(0, 2)
    await make(1, 6)
    await push()
    expect(notes()).toEqual(expected(6))
  })

  it('learns at registration that a restored server lacks what it had acknowledged', async () => {
    await make(5)
    await push()
    const device = (await db.meta.get('device'))!.value as Device
    server.devices.get(device.id)!.n = 2
    server.applied = server.applied.slice(0, 2)
    await db.meta.put({ key: 'device', value: { ...device, registered: false } })
    await register(context)
    expect(await queued()).toBe(3)
    await push()
    expect(notes()).toEqual(expected(5))
  })

  it('asks once more when the page is killed before what a restored server lacks is queued again', async () => {
    await make(3)
    await push()
    const device = (await db.meta.get('device'))!.value as Device
    await db.meta.put({ key: 'device', value: { ...device, registered: false } })
    server.devices.get(device.id)!.n = 1
    server.applied = server.applied.slice(0, 1)
    let killed = false
    const dying = (rows: string) => {
      killed = true
      throw new Error(`killed while ${rows} were queued again`)
    }
    db.outbox.hook('updating', (changes) => ('status' in changes && !killed ? dying('rows') : undefined))
    await expect(register(context)).rejects.toThrow()
    await push()
    expect(notes()).toEqual(expected(3))
  })

  it('goes on under a new device id when what the server lacks is gone here too', async () => {
    await make(4)
    await push()
    const device = (await db.meta.get('device'))!.value as Device
    server.devices.get(device.id)!.n = 0
    server.applied = []
    for (const op of await db.outbox.toArray()) if (op.n <= 2) await db.outbox.delete(op.seq!)
    await make(1, 5)
    await push()
    expect(notes()).toEqual(['n3', 'n4', 'n5'])
    expect(((await db.meta.get('device'))!.value as Device).id).not.toBe(device.id)
  })

  it('takes a new device id and numbers anew when another phone uses its own', async () => {
    await make(3)
    const device = (await db.meta.get('device'))?.value as Device
    server.devices.set(device.id, { n: 2, seen: new Map([[1, 'other'], [2, 'other']]) })
    await push()
    const fresh = (await db.meta.get('device'))!.value as Device
    expect(fresh.id).not.toBe(device.id)
    expect(notes()).toEqual(expected(3))
    expect((await db.outbox.orderBy('seq').toArray()).map((op) => op.n)).toEqual([1, 2, 3])
  })

  describe('after a restore', () => {
    const own = async () => (await db.meta.get('device'))!.value as Device
    const again = async () => db.meta.put({ key: 'device', value: { ...(await own()), registered: false } })
    /** Another phone that has this one's device id sends what it made. */
    const other = async (device: string, ...numbers: number[]) => {
      const ops = numbers.map((n) => ({ n, op: 'put', kind: 'infrared', id: id(n), base: 0, at: '2026-11-24T09:00:00.000Z', data: { note: `other ${n}` } }))
      await server.fetch('/api/v1/sync/push', { method: 'POST', body: JSON.stringify({ device, ops }) })
    }

    it('sends what it had acknowledged under a new id when another phone of the same id has filled its numbers', async () => {
      await make(5)
      await push()
      const { id: shared } = await own()
      server.restore({ [shared]: 3 })
      await other(shared, 4, 5)
      await again()
      await push()
      expect(notes().sort()).toEqual([...expected(5), 'other 4', 'other 5'])
      expect((await own()).id).not.toBe(shared)
      expect((await db.outbox.orderBy('seq').toArray()).map((op) => [op.device === shared, op.n])).toEqual([[true, 1], [true, 2], [true, 3], [false, 1], [false, 2]])
    })

    it('finds that out when a push meets a gap', async () => {
      await make(5)
      await push()
      const { id: shared } = await own()
      server.restore({ [shared]: 3 })
      await other(shared, 4)
      await make(1, 6)
      await push()
      expect(notes().filter((note) => !String(note).startsWith('other'))).toEqual(expected(6))
      expect((await own()).id).not.toBe(shared)
    })

    it('learns from a refused push that the server began anew, and sends what it lacks before what is new', async () => {
      await make(3)
      await push()
      const { id: before } = await own()
      server.restore({ [before]: 3 })
      await make(1, 4)
      await push()
      expect(notes()).toEqual(expected(4))
      const epochs = server.requests.filter(({ path }) => path === '/api/v1/sync/push').map(({ body }) => (body as { epoch?: number }).epoch)
      expect(epochs).toEqual([1, 1, 2])
      expect((await own()).id).toBe(before)
    })

    it('keeps its id and its numbers when nobody else has used them', async () => {
      await make(5)
      await push()
      const { id: before } = await own()
      server.restore({ [before]: 2 })
      await again()
      await make(1, 6)
      await push()
      expect(notes()).toEqual(expected(6))
      expect((await own()).id).toBe(before)
      expect((await db.outbox.orderBy('seq').toArray()).map((op) => op.n)).toEqual([1, 2, 3, 4, 5, 6])
    })

    it('sends what it had acknowledged under an earlier device id, in the order in which it was made', async () => {
      await make(3)
      await push()
      const { id: first } = await own()
      server.devices.get(first)!.seen.set(4, 'null')
      server.devices.get(first)!.n = 4
      await make(2, 4)
      await push()
      const { id: second } = await own()
      expect(second).not.toBe(first)
      server.restore({ [first]: 1 })
      await again()
      await make(1, 6)
      await push()
      expect(notes()).toEqual(expected(6))
      expect(await queued()).toBe(0)
    })

    it('goes on under a new id when a number between those that the server lacks is gone here', async () => {
      await make(5)
      await push()
      const { id: before } = await own()
      await db.outbox.filter((op) => op.n === 4).delete()
      server.restore({ [before]: 2 })
      await again()
      await push()
      expect(notes()).toEqual(['n1', 'n2', 'n3', 'n5'])
      expect(await queued()).toBe(0)
    })

    it('hears of what came again without it and was judged anew, and sends nothing of that', async () => {
      await make(4)
      await push()
      const { id: before } = await own()
      await db.outbox.filter((op) => op.n === 4).modify({ status: 'conflict', live: 0 }) // somebody has settled it
      const conflicts = [{ field: 'note', kept: 'theirs', refused: 'n2' }]
      server.judged = { [before]: [{ n: 2, status: 'conflict', rev: 7, conflicts }, { n: 3, status: 'rejected', code: 'bad_transition' }, { n: 4, status: 'conflict', rev: 9, conflicts: [] }] }
      server.restore({ [before]: 4 })
      await again()
      await push()
      expect(await db.outbox.orderBy('seq').toArray()).toMatchObject([
        { status: 'acked' },
        { status: 'conflict', live: 1, rev: 7, conflicts },
        { status: 'rejected', live: 1, code: 'bad_transition' },
        { status: 'conflict', live: 0, rev: 9, conflicts: [] },
      ])
      expect(notes()).toEqual(expected(4))
      expect((await own()).id).toBe(before)
    })

    it('sends photos again that the server lacks, whether or not a record shows them, before it counts as registered', async () => {
      const photo = async (sha256: string, state: PhotoState, kept = true) => {
        await db.photos.put({ sha256, size: 3, type: 'image/jpeg', name: null, state, records: [id(1)], offset: 3, url: '/u', sending: 0, code: null, added_at: 0, sent_at: 1 })
        if (kept) await db.photoBytes.put({ sha256, bytes: new ArrayBuffer(3) })
      }
      const states = async () => (await db.photos.toArray()).map(({ sha256, state, offset, url }) => [sha256, state, offset, url])
      const many = Array.from({ length: 500 }, (_, i) => `kept ${String(i).padStart(3, '0')}`)
      for (const sha256 of [...many, 'lost']) await photo(sha256, 'have')
      await photo('no bytes any more', 'have', false)
      await photo('refused', 'refused')
      server.photos = new Set(many)
      context.call = (path, call) => (path.endsWith('/missing') ? Promise.reject(new Unreachable()) : server.fetch(path, call))
      await expect(register(context)).rejects.toThrow(Unreachable)
      expect((await own()).registered).toBe(false)
      context.call = server.fetch
      await register(context)
      expect((await states()).slice(500)).toEqual([['lost', 'waiting', 0, null], ['no bytes any more', 'have', 3, '/u'], ['refused', 'refused', 3, '/u']])
      expect((await states()).slice(0, 500).every(([, state]) => state === 'have')).toBe(true)
      expect((await own()).registered).toBe(true)
      const asked = server.requests.filter(({ path }) => path.endsWith('/missing')).map(({ body }) => (body as { photos: object[] }).photos.length)
      expect(asked).toEqual([500, 1])
    })

    it('goes by the number where an older server does not know the question', async () => {
      await make(4)
      await push()
      const { id: before } = await own()
      server.restore({ [before]: 2 })
      await again()
      context.call = (path, call) => (path.endsWith('/lacking') ? Promise.resolve(problem(404, 'not_found')) : server.fetch(path, call))
      await push()
      expect(notes()).toEqual(expected(4))
    })

    it('registers by itself when the server has forgotten the phone that only greets', async () => {
      await make(1)
      await push()
      const { id: before } = await own()
      server.devices.clear()
      server.applied = []
      await greet(context)
      expect(server.devices.has(before)).toBe(true)
      await push()
      expect(notes()).toEqual(expected(1))
    })
  })

  it('registers again when the server has forgotten the device', async () => {
    await make(1)
    await push()
    server.devices.clear()
    await make(1, 2)
    await push()
    expect(notes()).toContain('n2')
  })

  it('parks one refused operation with its reason and sends the rest', async () => {
    await make(3)
    server.refuse = (op) => (op.data?.note === 'n2' ? 'foreign_unit' : undefined)
    await push()
    expect(notes()).toEqual(['n1', 'n3'])
    expect(await db.outbox.where('status').equals('rejected').toArray()).toMatchObject([{ record: id(2), code: 'foreign_unit', live: 1 }])
  })

  it('sets aside an operation that no request can carry and moves the others up', async () => {
    await make(4)
    const fetch = server.fetch
    context.call = async (path, call) => {
      if (path.endsWith('push') && String(call?.body).includes('"n2"')) {
        return new Response(JSON.stringify({ code: 'malformed' }), { status: 400 })
      }
      return fetch(path, call)
    }
    await push()
    expect(notes()).toEqual(['n1', 'n3', 'n4'])
    expect(server.applied.map((op) => op.n)).toEqual([1, 2, 3])
    expect(await db.outbox.where('status').equals('rejected').toArray()).toMatchObject([{ code: 'malformed', record: id(2) }])
    await make(1, 5)
    await push()
    expect(notes()).toEqual(['n1', 'n3', 'n4', 'n5'])
  })

  it('does not loop for ever on one answer', async () => {
    await make(1)
    context.call = async (path, call) =>
      path.endsWith('push') ? new Response(JSON.stringify({ code: 'device_fork' }), { status: 409 }) : server.fetch(path, call)
    await expect(push()).rejects.toThrow(Problem)
  })

  it('queues again what a killed page had in the air', async () => {
    await make(2)
    await db.outbox.toCollection().modify({ flying: 1 })
    await landAll(db)
    expect((await db.outbox.toArray()).map((op) => op.flying)).toEqual([0, 0])
  })

  it('drops sent operations after 14 days, not before', async () => {
    await make(1)
    await push()
    await db.outbox.toCollection().modify({ live: 0 })
    context.now = () => new Date(NOW.getTime() + 13 * 86_400_000)
    await push()
    expect(await db.outbox.count()).toBe(1)
    context.now = () => new Date(NOW.getTime() + 15 * 86_400_000)
    await push()
    expect(await db.outbox.count()).toBe(0)
  })
})
