/** Calls to the server. Every failure is one of two: it could not be reached, or it answered with a problem. */

/**
 * No answer of the server: no signal, server down, or too slow. Nothing is known about what it did. `between`: somebody on
 * the way answered in its place with this status, such as a Wi-Fi that wants a sign-in; 0 nobody did.
 */
export class Unreachable extends Error {
  constructor(
    cause?: unknown,
    readonly between = 0,
  ) {
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

/**
 * Reads a problem from an answer that is not a success. What does not bear the server's own code is not its word: a gateway, a
 * filter or a Wi-Fi's sign-in page counts as unreachable. Only "too large" is believed of a proxy: smaller may pass.
 */
export async function problemOf(response: Response): Promise<Problem | Unreachable> {
  const retry = Number(response.headers.get('Retry-After') ?? '')
  const retryAfter = Number.isFinite(retry) && retry > 0 ? retry : undefined
  let facts: Record<string, unknown> = {}
  try {
    facts = (await response.json()) as Record<string, unknown>
  } catch (error) {
    if (response.status !== 413) return new Unreachable(error, between(response))
  }
  if (typeof facts.code === 'string') return new Problem(response.status, facts.code, facts, retryAfter)
  return response.status === 413 ? new Problem(413, 'http_413', facts, retryAfter) : new Unreachable(undefined, between(response))
}

/** A gateway that says that it does not reach the server is no stranger. */
const between = ({ status }: Response): number => (status >= 502 && status <= 504 ? 0 : status)

/** A call that must succeed; JSON out, undefined for 204 and 304. */
export async function callJson<T>(fetcher: Fetch, path: string, call: Call = {}): Promise<T> {
  const response = await fetcher(path, call)
  if (!response.ok && response.status !== 304) throw await problemOf(response)
  if (response.status === 204 || response.status === 304) return undefined as T
  try {
    return (await response.json()) as T
  } catch (error) {
    throw new Unreachable(error, response.headers.get('Content-Type')?.includes('html') ? between(response) : 0) // else cut in the middle
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
