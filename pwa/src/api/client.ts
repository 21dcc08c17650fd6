/** Calls to the server. Every failure is one of two: it could not be reached, or it answered with a problem. */

/** No answer: no signal, server down, or too slow. Nothing is known about what the server did. */
export class Unreachable extends Error {
  constructor(cause?: unknown) {
    super('server unreachable', { cause })
    this.name = 'Unreachable'
  }
}

/** The server's answer `application/problem+json`. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly facts: Record<string, unknown> = {},
    /** Seconds, from Retry-After. */
    readonly retryAfter?: number,
  ) {
    super(code)
    this.name = 'Problem'
  }
}

export interface Call {
  method?: string
  headers?: Record<string, string>
  body?: BodyInit | null
  timeoutMs?: number
  signal?: AbortSignal
}

export type Fetch = (path: string, call?: Call) => Promise<Response>

let language = 'zh-CN'

/** Language in which the server words its problems. */
export function setApiLanguage(tag: string): void {
  language = tag
}

/** One call; any HTTP answer counts as an answer. Unreachable otherwise. */
export const rawFetch: Fetch = async (path, call = {}) => {
  const limit = AbortSignal.timeout(call.timeoutMs ?? 20_000)
  try {
    return await fetch(path, {
      method: call.method ?? 'GET',
      headers: { 'X-Mingcha': '1', 'Accept-Language': language, ...call.headers },
      body: call.body ?? null,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: call.signal ? AbortSignal.any([call.signal, limit]) : limit,
    })
  } catch (error) {
    throw new Unreachable(error)
  }
}

/** Reads a problem from an answer that is not a success. A gateway's own error page counts as unreachable. */
export async function problemOf(response: Response): Promise<Problem | Unreachable> {
  const retry = Number(response.headers.get('Retry-After') ?? '')
  const retryAfter = Number.isFinite(retry) && retry > 0 ? retry : undefined
  let facts: Record<string, unknown> = {}
  try {
    facts = (await response.json()) as Record<string, unknown>
  } catch {
    if (response.status >= 502 && response.status <= 504) return new Unreachable()
  }
  const code = typeof facts.code === 'string' ? facts.code : `http_${response.status}`
  return new Problem(response.status, code, facts, retryAfter)
}

/** A call that must succeed; JSON out, undefined for 204 and 304. */
export async function callJson<T>(fetcher: Fetch, path: string, call: Call = {}): Promise<T> {
  const response = await fetcher(path, call)
  if (!response.ok && response.status !== 304) throw await problemOf(response)
  if (response.status === 204 || response.status === 304) return undefined as T
  try {
    return (await response.json()) as T
  } catch (error) {
    throw new Unreachable(error) // cut in the middle
  }
}

export function apiGet<T>(path: string): Promise<T> {
  return callJson<T>(rawFetch, path)
}

const SMALLEST_PACKED = 1024

/** JSON that travels packed where the browser can pack and it is worth it. */
export async function packedCall(method: string, body: unknown): Promise<Call> {
  const plain = jsonCall(method, body)
  const text = plain.body as string
  if (text.length < SMALLEST_PACKED || typeof CompressionStream === 'undefined') return plain
  const packed = new Response(text).body!.pipeThrough(new CompressionStream('gzip'))
  return { ...plain, headers: { ...plain.headers, 'Content-Encoding': 'gzip' }, body: await new Response(packed).arrayBuffer() }
}

export function jsonCall(method: string, body: unknown): Call {
  return { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
}
