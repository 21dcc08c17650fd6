/** Calls whose path, body and answer are checked against the server's OpenAPI. */
import { callJson, type Fetch, jsonCall, rawFetch } from './client'
import type { paths } from './generated'

type Method = 'get' | 'post' | 'delete'
type With<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, object> ? P : never }[keyof paths]
type Operation<P extends keyof paths, M extends Method> = paths[P][M]
type Content<R> = R extends { content: { 'application/json': infer T } } ? T : undefined
type Answer<O> = O extends { responses: infer R } ? Content<R[keyof R & (200 | 201 | 204)]> : never
/** Bodies that the server reads as bytes are not in its document. */
type Body<O> = O extends { requestBody: { content: { 'application/json': infer T } } } ? T : unknown

/** `/points/people/{person}` with `{ person }` filled in, and what is left over as the query. */
export function address(path: string, values: Record<string, string | number> = {}): string {
  const rest = { ...values }
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = rest[name]
    delete rest[name]
    return encodeURIComponent(String(value))
  })
  const query = new URLSearchParams(Object.entries(rest).map(([key, value]) => [key, String(value)])).toString()
  return query ? `${filled}?${query}` : filled
}

/** Problem when the server refuses, Unreachable when there is no answer; so for all three. */
export function get<P extends With<'get'>>(path: P, values?: Record<string, string | number>): Promise<Answer<Operation<P, 'get'>>> {
  return callJson(rawFetch, address(path, values))
}

export function post<P extends With<'post'>>(path: P, body: Body<Operation<P, 'post'>>, call: Fetch = rawFetch): Promise<Answer<Operation<P, 'post'>>> {
  return callJson(call, path, jsonCall('POST', body))
}

export function remove<P extends With<'delete'>>(path: P): Promise<Answer<Operation<P, 'delete'>>> {
  return callJson(rawFetch, path, { method: 'DELETE' })
}
