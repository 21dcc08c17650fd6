/**
 * Phones without a screen, for tests: the sync code that ships, in Node, on an IndexedDB in memory, against a real server.
 *
 * One JSON command a line on stdin, one JSON answer a line on stdout; see tests/support/nodephone.py.
 */
import 'fake-indexeddb/auto'

import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { createServer } from 'vite'

globalThis.__APP_VERSION__ = 'test'
const vite = await createServer({
  configFile: false,
  root: fileURLToPath(new URL('..', import.meta.url)),
  logLevel: 'error',
  appType: 'custom',
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true, include: [] },
  resolve: {
    alias: {
      '@': fileURLToPath(new URL('../src', import.meta.url)),
      '@catalogue': fileURLToPath(new URL('../../backend/data/catalogue/2026.11', import.meta.url)),
    },
  },
})
const load = (path) => vite.ssrLoadModule(`/src/${path}`)
const { Unreachable } = await load('api/client.ts')
const { Store, adoptStore } = await load('sync/db.ts')
const { SyncLoop } = await load('sync/loop.ts')
const { hear } = await load('sync/bus.ts')
const { askForAudit } = await load('sync/audit.ts')
const records = await load('sync/records.ts')
const { sha256Hex } = await load('media/hash.ts')

const phones = new Map()
let status
hear((message) => {
  if (message.type === 'status') status = message.status
})

function phone(name) {
  const found = phones.get(name)
  if (!found) throw new Error(`no phone ${name}`)
  adoptStore(found.db)
  records.setSelf(found.self)
  return found
}

/** The phone's way to the server; `down` names paths that do not get through, `cut` those whose answer is lost. */
async function reach(one, path, call = {}) {
  if (one.down.some((part) => path.includes(part))) throw new Unreachable()
  let response
  try {
    response = await fetch(one.url + path, {
      method: call.method ?? 'GET',
      headers: { 'X-Mingcha': '1', ...(one.cookie ? { Cookie: one.cookie } : {}), ...call.headers },
      body: call.body ?? null,
      signal: AbortSignal.timeout(60_000),
    })
  } catch (error) {
    throw new Unreachable(error)
  }
  const cookie = response.headers.getSetCookie().map((each) => each.split(';')[0])
  if (cookie.length > 0) one.cookie = cookie.join('; ')
  const content = new Uint8Array(await response.arrayBuffer())
  if (one.recording) {
    const text = (bytes) => new TextDecoder().decode(bytes)
    const sent = typeof call.body === 'string' ? call.body : call.body instanceof ArrayBuffer ? await unpacked(call) : null
    one.requests.push({ method: call.method ?? 'GET', path, sent, headers: call.headers ?? {}, status: response.status, size: content.byteLength, answer: path.startsWith('/api/v1/sync') ? text(content) : null })
  }
  const cut = one.cut.findIndex((part) => path.includes(part))
  if (cut >= 0) {
    one.cut.splice(cut, 1)
    throw new Unreachable()
  }
  return new Response([204, 304].includes(response.status) ? null : content, { status: response.status, headers: response.headers })
}

async function unpacked(call) {
  const body = new Response(call.body).body
  const packed = call.headers?.['Content-Encoding'] === 'gzip'
  return new Response(packed ? body.pipeThrough(new DecompressionStream('gzip')) : body).text()
}

const commands = {
  /** A phone with an empty database. */
  async open({ name, url, login, password }) {
    const one = { url, cookie: '', down: [], cut: [], recording: true, requests: [] }
    const response = await reach(one, '/api/v1/session', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ login, password }) })
    if (!response.ok) throw new Error(await response.text())
    const me = await response.json()
    one.self = { id: me.person.id, name: me.person.name }
    one.db = new Store(me.person.id, `phone-${name}`)
    phones.set(name, one)
    return me
  },
  /** The same database once more, as a backup of a phone put onto another one would be. */
  async copy({ name, to }) {
    const one = phone(name)
    const db = new Store(one.self.id, `phone-${to}`)
    for (const table of one.db.tables) await db.table(table.name).bulkAdd(await table.toArray())
    phones.set(to, { ...one, db, down: [], cut: [], requests: [] })
  },
  async save({ name, kind, record, patch, event, photos }) {
    phone(name)
    const id = record ?? records.newId()
    await records.save(kind, id, patch ?? {}, { ...(event ? { event } : {}), ...(photos ? { photos } : {}) })
    return id
  },
  async act({ name, kind, record, type, data, photos }) {
    phone(name)
    await records.act(kind, record, type, data ?? {}, photos)
  },
  async audit({ name }) {
    await askForAudit(phone(name).db)
  },
  async remove({ name, kind, record }) {
    phone(name)
    await records.removeRecord(kind, record)
  },
  /** Takes a photo in, as media/attach.ts does in a browser. */
  async attach({ name, base64, role }) {
    const { db } = phone(name)
    const bytes = Uint8Array.from(Buffer.from(base64, 'base64')).buffer
    const sha256 = await sha256Hex(bytes)
    const size = bytes.byteLength
    await db.photoBytes.put({ sha256, bytes })
    await db.photos.put({ sha256, size, type: 'image/jpeg', name: null, state: 'held', records: [], offset: 0, url: null, sending: 0, code: null, added_at: Date.now() })
    return { sha256, size, type: 'image/jpeg', role, taken_at: new Date().toISOString(), origin: 'camera' }
  },
  /** One turn of the loop that ships; what it said at last. */
  async sync({ name }) {
    const one = phone(name)
    const loop = new SyncLoop(one.db, (path, call) => reach(one, path, call))
    await loop.start()
    await loop.rest()
    loop.stop()
    return status
  },
  async record({ name, kind, record }) {
    phone(name)
    return (await records.getRecord(kind, record)) ?? null
  },
  async table({ name, table }) {
    const { db } = phone(name)
    const rows = await (table === 'base' ? db.base : db.table(table)).toArray()
    return rows.map((row) => (row.bytes instanceof ArrayBuffer ? { ...row, bytes: row.bytes.byteLength } : row))
  },
  async change({ name, table, key, to }) {
    const { db } = phone(name)
    if (to === null) await db.table(table).delete(key)
    else await db.table(table).update(key, to)
  },
  /** What the phone asked and was told since the last time. */
  async requests({ name }) {
    return phone(name).requests.splice(0)
  },
  async net({ name, down, cut }) {
    Object.assign(phone(name), { down: down ?? [], cut: cut ?? [] })
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const { do: what, ...given } = JSON.parse(line)
  let answer
  try {
    answer = { value: (await commands[what](given)) ?? null }
  } catch (error) {
    answer = { error: error?.code ?? String(error?.stack ?? error) }
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
await vite.close()
process.exit(0)
