import { readFileSync } from 'node:fs'

import { beforeEach, describe, expect, it } from 'vitest'

import { type Call, Problem, Unreachable } from '@/api/client'

import { byPieces, fetchMap, type Kept, PIECE, readMap } from './pieces'

const COUNTY = new Uint8Array(readFileSync(new URL('../../../../tests/vectors/county.pmtiles', import.meta.url)))
/** The same with room after it, so that there are several pieces. */
const file = (extra: number) => new Uint8Array(2.5 * PIECE + extra).fill(7).map((byte, i) => COUNTY[i] ?? byte)

/** As much of a browser's cache as is used. */
class Shelf {
  readonly all = new Map<string, ArrayBuffer>()
  match = async (at: string) => (this.all.has(at) ? new Response(this.all.get(at)!.slice(0)) : undefined)
  put = async (at: string, response: Response) => void this.all.set(at, await response.arrayBuffer())
  delete = async (at: string) => this.all.delete(at)
  keys = async () => [...this.all.keys()].map((at) => ({ url: `http://phone${at}` }))
}
let shelf: Shelf
let kept: Kept
let server: { etag: string; bytes: Uint8Array } | undefined
let asked: string[]
/** The network goes after so many pieces. */
let goesAfter: number

async function call(path: string, { headers = {} }: Call = {}): Promise<Response> {
  if (!server) return new Response(null, { status: 204 })
  if (!path.endsWith('/file')) return Response.json({ etag: server.etag, size: server.bytes.length, datum: 'wgs84' })
  if (asked.length >= goesAfter) throw new Unreachable()
  asked.push(headers.Range!)
  if (headers['If-Range'] !== server.etag) return new Response(server.bytes.slice())
  const [from, to] = headers.Range!.replace('bytes=', '').split('-').map(Number)
  return new Response(server.bytes.slice(from, to! + 1), { status: 206 })
}
const fetchIt = () => fetchMap(kept, () => {}, call)

beforeEach(() => {
  shelf = new Shelf()
  kept = shelf as unknown as Kept
  server = { etag: '"a"', bytes: file(0) }
  asked = []
  goesAfter = Infinity
})

describe('the base map on the phone', () => {
  it('is not known of, then known not to be, then here', async () => {
    expect(await readMap(kept)).toEqual({ none: false, ok: false, have: 0, all: 0 })
    const there = server
    server = undefined
    await fetchIt()
    expect(await readMap(kept)).toMatchObject({ none: true, ok: false })
    server = there
    const told: number[] = []
    await fetchMap(kept, (have, all) => told.push(have / all), call)
    expect(told).toHaveLength(3)
    expect(await readMap(kept)).toEqual({ none: false, ok: true, have: file(0).length, all: file(0).length })
  })
  it('goes on where it was broken off, and is not ready before', async () => {
    goesAfter = 2
    await expect(fetchIt()).rejects.toThrow(Unreachable)
    expect(await readMap(kept)).toMatchObject({ ok: false, have: 2 * PIECE })
    goesAfter = Infinity
    await fetchIt()
    expect(asked).toHaveLength(3)
    expect((await readMap(kept)).ok).toBe(true)
    await fetchIt()
    expect(asked, 'what is here is not fetched again').toHaveLength(3)
  })
  it('is replaced by a new one, and the old one is in use until that is here whole', async () => {
    await fetchIt()
    server = { etag: '"b"', bytes: file(9) }
    asked = []
    goesAfter = 1
    await expect(fetchIt()).rejects.toThrow(Unreachable)
    expect((await readMap(kept)).ok).toBe(false)
    expect(await shelf.match('/base-map/used').then((found) => found!.json())).toMatchObject({ etag: '"a"' })
    goesAfter = Infinity
    await fetchIt()
    expect(await readMap(kept)).toMatchObject({ ok: true, all: file(9).length })
    expect([...shelf.all.keys()].filter((at) => at.includes('%22a%22'))).toEqual([])
  })
  it('with a piece lost or cut is not ready, and only that piece is fetched again', async () => {
    await fetchIt()
    shelf.all.set('/base-map/%22a%22/0', new ArrayBuffer(50))
    expect((await readMap(kept)).ok).toBe(false)
    asked = []
    await fetchIt()
    expect(asked).toEqual([`bytes=0-${PIECE - 1}`])
    shelf.all.delete('/base-map/%22a%22/2')
    expect((await readMap(kept)).ok).toBe(false)
  })
  it('that the company takes away goes from the phone too', async () => {
    await fetchIt()
    server = undefined
    await fetchIt()
    expect([...shelf.all.keys()]).toEqual(['/base-map/asked'])
  })
  it('is not made of a file that changed between two pieces, nor of what is no map', async () => {
    const about = server!
    const changing = async (path: string, given?: Call) => {
      if (asked.length === 1) server = { ...about, etag: '"c"' }
      return call(path, given)
    }
    await expect(fetchMap(kept, () => {}, changing)).rejects.toThrow(Unreachable)
    server = { etag: '"d"', bytes: new Uint8Array(5000) }
    await fetchIt()
    expect((await readMap(kept)).ok).toBe(false)
    server = undefined
    await expect(fetchMap(kept, () => {}, async () => Response.json({ code: 'busy' }, { status: 503 }))).rejects.toThrow(Problem)
  })
})

it('bytes are put together over the edges of pieces', async () => {
  const whole = new Uint8Array(2 * PIECE + 100).map((_, i) => i % 251)
  const read = byPieces(whole.length, async (n) => whole.slice(n * PIECE, (n + 1) * PIECE).buffer)
  for (const [offset, length] of [[0, 10], [PIECE - 5, 10], [PIECE, PIECE], [5, 2 * PIECE], [2 * PIECE + 90, 50]] as const)
    expect(await read(offset, length)).toEqual(whole.slice(offset, offset + length))
})
