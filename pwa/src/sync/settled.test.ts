import { beforeEach, describe, expect, it } from 'vitest'

import type { Store } from './db'
import { learnSettled } from './settled'
import { freshStore, json, problem } from './testing'

const DEVICE = '01900000-0000-7000-8000-0000000000d1'
let db: Store
let asked: string[]

async function waits(n: number, status: 'conflict' | 'rejected' | 'acked'): Promise<number> {
  return (await db.outbox.add({ device: DEVICE, n, status, live: 1, kind: 'finding', record: 'r', op: 'put' } as never)) as number
}

const answer = (...ns: number[]) => async (path: string) => {
  asked.push(path)
  return json(200, { exceptions: ns.map((n) => ({ device: DEVICE, n, settled: { name: '周丽', how: 'take' } })) })
}

describe('problems that somebody else settled', () => {
  beforeEach(() => {
    db = freshStore()
    asked = []
  })

  it('need no attention here any more; the others still do', async () => {
    const [lost, refused] = [await waits(1, 'conflict'), await waits(2, 'rejected')]
    expect(await learnSettled(db, answer(1, 9))).toBe(1)
    expect((await db.outbox.get(lost))!.live).toBe(0)
    expect((await db.outbox.get(refused))!.live).toBe(1)
    expect((await db.log.toArray())[0]!.facts).toMatchObject({ by: '周丽', how: 'take' })
  })

  it('are asked for only while something waits for a person', async () => {
    await waits(1, 'acked')
    await learnSettled(db, answer())
    expect(asked).toEqual([])
  })

  it('stay where the server is of before such lists', async () => {
    const lost = await waits(1, 'conflict')
    expect(await learnSettled(db, async () => problem(404, 'not_found'))).toBe(0)
    expect((await db.outbox.get(lost))!.live).toBe(1)
  })
})
