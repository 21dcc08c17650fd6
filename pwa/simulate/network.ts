/** The net between phones and servers: it loses, delays, doubles, reorders, truncates, cuts after the commit, and lets a stranger answer. */
import { Agent, request } from 'node:http'

import { type Call, Unreachable } from '@/api/client'

import type { Dice, World } from './world'

export interface Weather {
  /** Weights of what becomes of a request. */
  fates: Record<Fate, number>
  /** Requests that reach the servers at the same moment, at most. */
  burst: number
}

export type Fate = 'fine' | 'lost' | 'late' | 'unanswered' | 'doubled' | 'truncated' | 'cut' | 'slow' | 'damaged' | 'stranger'

export const FINE: Weather = { fates: { fine: 1, lost: 0, late: 0, unanswered: 0, doubled: 0, truncated: 0, cut: 0, slow: 0, damaged: 0, stranger: 0 }, burst: 1 }
export const FOUL: Weather = {
  fates: { fine: 60, lost: 6, late: 4, unanswered: 8, doubled: 8, truncated: 4, cut: 3, slow: 7, damaged: 2, stranger: 0 },
  burst: 4,
}

/** The line flips a bit of each photo. */
export const NOISY: Weather = { ...FINE, fates: { ...FINE.fates, fine: 0, damaged: 1 } }

/** Foul, and somebody else answers at times: a Wi-Fi that wants a sign-in first. */
export const STRANGE: Weather = { ...FOUL, fates: { ...FOUL.fates, stranger: 4 } }

/** After this many milliseconds a phone gives a request up. */
const PATIENCE_MS = 20_000
/** After this time nothing is under way any more. */
export const LATEST_MS = 7 * PATIENCE_MS

/** What a Wi-Fi that wants a sign-in, a filter or a gateway says in the server's place; never in the server's own words. */
const STRANGERS = [200, 400, 403, 404, 410, 413, 422, 511]
/** So long it goes on saying it, at most. */
const STRANGER_MS = 180_000
const PAGE = Buffer.from('<!doctype html><title>Welcome</title>')

export interface Answer {
  status: number
  headers: Record<string, string>
  body: Buffer
}

/** Who asks: its token may be renewed by any answer that reaches it. */
export interface Asker {
  name: string
  token: string
}

export class Network {
  weather: Weather = FOUL
  requests = 0
  /** Calls so far, and what is to become of the n-th; set anew by who enumerates. */
  sent = 0
  script: Map<number, Fate> | undefined
  /** Looks on as a call leaves; what it gives back learns of each answer, whether or not that reaches the phone. */
  watch: (asker: Asker, path: string, body: Buffer) => ((answer: Answer) => Promise<void>) | undefined = () => undefined
  /** Calls that a server answered with its own failure: it may refuse, it may not break. */
  readonly broken = new Set<string>()
  /** What became of requests, for the trace and to see that each fate was met. */
  readonly counts: Partial<Record<Fate | 'refused', number>> = {}
  /** For whom somebody else answers just now in the server's place: until when, and with which status. */
  private readonly strangers = new Map<Asker, { until: number; status: number }>()
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 64 })

  constructor(
    private readonly world: World,
    private readonly dice: Dice,
    private readonly ports: readonly number[],
    private readonly trace: (line: string) => void,
  ) {}

  close(): void {
    this.agent.destroy()
  }

  /** Sends a call; `settle` runs at the hour at which the phone learns of the answer, or gives up. */
  async send(asker: Asker, path: string, call: Call, settle: (answer: Response | Unreachable) => void | Promise<void>): Promise<void> {
    const { world, dice } = this
    if (!this.script && this.weather.fates.stranger === 0) this.strangers.clear()
    const stranger = this.strangers.get(asker)
    const fate = stranger && world.now < stranger.until ? 'stranger' : (this.script?.get(this.sent) ?? dice.weighed(this.weather.fates))
    this.sent++
    const body = await bytesOf(call.body)
    // Only photos: no checksum of ours guards the JSON of the other calls, TLS does.
    if (fate === 'damaged' && path.startsWith('/api/v1/uploads') && body.length > 0) body[dice.whole(0, body.length - 1)]! ^= 1 << dice.whole(0, 7)
    const token = asker.token
    const answeredWith = this.watch(asker, path, body)
    this.counts[fate] = (this.counts[fate] ?? 0) + 1
    const travel = () => dice.whole(10, fate === 'slow' ? 15_000 : 300)
    const arrive = async (server: number, cutAt?: number) => {
      this.requests++
      let answer: Answer
      try {
        answer = await this.ask(this.ports[server]!, path, call, body, token, cutAt)
      } catch {
        this.counts.refused = (this.counts.refused ?? 0) + 1
        return undefined
      }
      if (answer.status === 500) this.broken.add(`${call.method ?? 'GET'} ${path.replace(/[0-9a-f-]{32,}/g, '…').replace(/\?.*/, '')}`)
      await answeredWith?.(answer)
      return answer
    }
    const giveUp = () => world.later(PATIENCE_MS, () => settle(new Unreachable()))
    const server = dice.whole(0, this.ports.length - 1)
    this.trace(`${asker.name} ${call.method ?? 'GET'} ${path.slice(0, 70)} → ${fate} (server ${server})`)
    if (fate === 'lost') {
      giveUp()
      return
    }
    if (fate === 'late') {
      giveUp()
      world.later(dice.whole(PATIENCE_MS, 6 * PATIENCE_MS), async () => void (await arrive(server)), true)
      return
    }
    if (fate === 'stranger') {
      if (!stranger || world.now >= stranger.until) this.strangers.set(asker, { until: world.now + dice.whole(1_000, STRANGER_MS), status: dice.pick(STRANGERS) })
      const { status } = this.strangers.get(asker)!
      world.later(travel(), () => settle(responseOf({ status, headers: { 'Content-Type': 'text/html' }, body: PAGE }, undefined)))
      return
    }
    const answered = async () => {
      const back = travel()
      const answer = await arrive(server, fate === 'cut' ? Math.floor(body.length * dice.next()) : undefined)
      const lost = fate === 'unanswered' || answer === undefined
      world.later(back, () => {
        if (lost) return settle(new Unreachable())
        const renewed = /mingcha_session=([^;]+)/.exec(answer.headers['set-cookie'] ?? '')?.[1]
        if (renewed) asker.token = renewed
        return settle(responseOf(answer, fate === 'truncated' ? Math.floor(answer.body.length * dice.next()) : undefined))
      })
    }
    const there = travel()
    world.later(there, answered, true)
    if (fate === 'doubled') {
      const other = dice.whole(0, this.ports.length - 1)
      world.later(dice.chance(0.5) ? there : dice.whole(10, 60_000), async () => void (await arrive(other)), true)
    }
  }

  private ask(port: number, path: string, call: Call, body: Buffer, token: string, cutAt?: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers: Record<string, string> = { 'X-Mingcha': '1', Cookie: `mingcha_session=${token}`, ...call.headers }
      if (body.length > 0) headers['Content-Length'] = String(body.length)
      const sent = request({ port, host: '127.0.0.1', path, method: call.method ?? 'GET', headers, agent: this.agent, timeout: 60_000 }, (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('error', reject)
        answer.on('end', () => {
          const flat = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]))
          resolve({ status: answer.statusCode ?? 0, headers: flat, body: Buffer.concat(parts) })
        })
      })
      sent.on('error', reject)
      sent.on('timeout', () => sent.destroy(new Error('the server does not answer')))
      if (cutAt === undefined || body.length === 0) {
        sent.end(body)
        return
      }
      sent.write(body.subarray(0, cutAt), () => sent.destroy(new Error('cut')))
    })
  }
}

async function bytesOf(body: BodyInit | null | undefined): Promise<Buffer> {
  if (body === null || body === undefined) return Buffer.alloc(0)
  if (typeof body === 'string') return Buffer.from(body)
  return Buffer.from(await new Response(body).arrayBuffer())
}

/** The answer as the browser gives it; one cut in the middle breaks while its body is read. */
function responseOf(answer: Answer, cutAt: number | undefined): Response {
  const headers = new Headers(answer.headers)
  headers.delete('set-cookie')
  const empty = answer.status === 204 || answer.status === 304
  const body = cutAt === undefined ? answer.body : answer.body.subarray(0, cutAt)
  return new Response(empty ? null : new Uint8Array(body), { status: answer.status, headers })
}
