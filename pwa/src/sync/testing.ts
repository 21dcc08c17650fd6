/** A database, and a server that answers as the protocol says, for the tests of sync and upload. */
import { type Call, type Fetch, Unreachable } from '@/api/client'
import { Store } from './db'
import { mark } from './kept'

export const SELF = { id: '01900000-0000-7000-8000-00000000000a', name: '王建国' }
let count = 0

export function freshStore(): Store {
  return new Store(SELF.id, `test-${++count}`)
}

type Kept = Record<string, Record<string, string>>

interface Op {
  n: number
  op: string
  kind: string
  id: string
  subject?: string
  type?: string
  at: string
  data?: Record<string, unknown>
}

export interface Request {
  path: string
  call: Call
  body: unknown
}

export type Fault = 'lost request' | 'lost answer' | { status: number; code: string; facts?: Record<string, unknown> }

/** Counts operations for each device, applies each once, and can lose a request or an answer. */
export class ScriptedServer {
  /** Applied operations, in order. */
  applied: Op[] = []
  devices = new Map<string, { n: number; seen: Map<number, string> }>()
  requests: Request[] = []
  faults: Fault[] = []
  refuse: (op: Op) => string | undefined = () => undefined
  epoch = 1
  /** Photos that it has, by hash. */
  photos = new Set<string>()
  /** Answers that a phone has not heard, by its device id. */
  judged: Record<string, object[]> = {}
  private seq = 0
  private readonly revs = new Map<string, number>()

  fetch: Fetch = async (path, call = {}) => {
    const body: unknown = call.body ? JSON.parse(await unpacked(call)) : undefined
    this.requests.push({ path, call, body })
    const fault = path.startsWith('/api/v1/devices') ? undefined : this.faults.shift()
    if (fault === 'lost request') throw new Unreachable()
    if (fault && fault !== 'lost answer') return problem(fault.status, fault.code, fault.facts)
    const answer = await this.answer(path, body)
    if (fault === 'lost answer') throw new Unreachable()
    return answer
  }

  private async answer(path: string, body: unknown): Promise<Response> {
    if (path === '/api/v1/devices') {
      const { id } = body as { id: string }
      if (!this.devices.has(id)) this.devices.set(id, { n: 0, seen: new Map() })
      return json(200, { device: id, n: this.devices.get(id)!.n, epoch: this.epoch })
    }
    if (path === '/api/v1/session') return json(401, {})
    if (path === '/api/v1/keys') return json(200, { keys: [] })
    if (path === '/api/v1/receipts') return problem(409, 'receipt_incomplete')
    if (path === '/api/v1/photos/missing') {
      const asked = (body as { photos: { sha256: string }[] }).photos
      return json(200, { photos: asked.map(({ sha256 }) => ({ sha256, state: this.photos.has(sha256) ? 'have' : 'new' })) })
    }
    if (path === '/api/v1/sync/lacking') return json(200, { lacking: await this.lacking((body as { kept: Kept }).kept), judged: this.judged })
    if (path === '/api/v1/sync/push') return this.push(body as { device: string; epoch?: number; ops: Op[] })
    throw new Error(`unexpected ${path}`)
  }

  private async lacking(kept: Kept): Promise<Record<string, number[]>> {
    const lost: Record<string, number[]> = {}
    for (const [device, marks] of Object.entries(kept)) {
      for (const [n, wanted] of Object.entries(marks)) {
        const op = JSON.parse(this.devices.get(device)?.seen.get(Number(n)) ?? 'null') as Op | null
        const row = op && ({ type: '', ...op, record: op.subject ?? op.id } as Parameters<typeof mark>[0])
        if (!row || (await mark(row)) !== wanted) (lost[device] ??= []).push(Number(n))
      }
    }
    return lost
  }

  /** A backup is put back: of each device only the first operations are here. */
  restore(upTo: Record<string, number>): void {
    this.epoch += 1
    for (const [id, device] of this.devices) {
      const lost = [...device.seen].filter(([n]) => n > (upTo[id] ?? 0))
      for (const [n, content] of lost) {
        device.seen.delete(n)
        this.applied = this.applied.filter((op) => JSON.stringify(op) !== content)
      }
      device.n = Math.min(device.n, upTo[id] ?? 0)
    }
  }

  private push({ device, epoch, ops }: { device: string; epoch?: number; ops: Op[] }): Response {
    const known = this.devices.get(device)
    if (!known) return problem(403, 'device_unknown')
    if (epoch !== undefined && epoch !== this.epoch) return problem(410, 'resync')
    if (ops.length > 0 && (ops[0]!.n > known.n + 1 || ops.some((op, i) => op.n !== ops[0]!.n + i))) return problem(409, 'gap', { expected: known.n + 1 })
    const results: Record<string, unknown>[] = []
    for (const op of ops) {
      const content = JSON.stringify(op)
      if (op.n <= known.n) {
        if (known.seen.get(op.n) !== content) return problem(409, 'device_fork', { n: op.n })
      } else {
        known.n = op.n
        known.seen.set(op.n, content)
        const code = this.refuse(op)
        if (code) {
          results.push({ n: op.n, id: op.id, status: 'rejected', code })
          continue
        }
        this.applied.push(op)
        this.revs.set(op.subject ?? op.id, (this.revs.get(op.subject ?? op.id) ?? 0) + 1)
      }
      results.push({ n: op.n, id: op.id, status: 'applied', rev: this.revs.get(op.subject ?? op.id), seq: ++this.seq })
    }
    return json(200, { acked: known.n, now: new Date().toISOString(), results })
  }
}

async function unpacked(call: Call): Promise<string> {
  const body = new Response(call.body).body!
  return new Response(call.headers?.['Content-Encoding'] === 'gzip' ? body.pipeThrough(new DecompressionStream('gzip')) : body).text()
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } })
}

export function problem(status: number, code: string, facts: Record<string, unknown> = {}): Response {
  return json(status, { type: `/problems/${code}`, code, ...facts })
}
