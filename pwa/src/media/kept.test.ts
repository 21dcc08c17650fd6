import { beforeEach, describe, expect, it } from 'vitest'

import type { PhotoState, Store } from '@/sync/db'
import { freshStore } from '@/sync/testing'

import { makingRoom, sendAgain, sweepKept } from './kept'

const DAY = 86_400_000
let db: Store

async function add(sha256: string, state: PhotoState, sent_at: number, size = 10): Promise<void> {
  await db.photos.put({ sha256, size, type: 'image/jpeg', name: null, state, records: [], offset: size, url: '/u', sending: 0, code: null, added_at: 0, sent_at })
  await db.photoBytes.put({ sha256, bytes: new ArrayBuffer(size) })
}

const held = async () => (await db.photoBytes.toArray()).map((row) => row.sha256)

describe('bytes of sent photos', () => {
  beforeEach(async () => {
    db = freshStore()
    await add('old', 'have', 0)
    await add('sent-1', 'have', 10 * DAY)
    await add('sent-2', 'have', 11 * DAY)
    await add('unsent', 'waiting', 0)
    await add('held', 'held', 0)
    await add('refused', 'refused', 0)
  })

  it('stay 14 days', async () => {
    expect(await sweepKept(db, 15 * DAY)).toBe(1)
    expect(await held()).toEqual(['held', 'refused', 'sent-1', 'sent-2', 'unsent'])
  })

  it('go oldest first where there are too many', async () => {
    expect(await sweepKept(db, 12 * DAY, 10)).toBe(2)
    expect(await held()).toEqual(['held', 'refused', 'sent-2', 'unsent'])
  })

  it('give way, and they alone, when the phone is full', async () => {
    let room = false
    const write = async () => {
      if (!room) {
        room = true
        throw Object.assign(new Error(), { name: 'QuotaExceededError' })
      }
      return 'written'
    }
    expect(await makingRoom(db, write)).toBe('written')
    expect(await held()).toEqual(['held', 'refused', 'unsent'])
  })

  it('a phone full of unsent photos says so', async () => {
    await sweepKept(db, 12 * DAY, 0)
    await expect(makingRoom(db, () => Promise.reject(Object.assign(new Error(), { name: 'QuotaExceededError' })))).rejects.toThrow()
    expect(await held()).toEqual(['held', 'refused', 'unsent'])
  })

  it('go again when the server says that it lacks them', async () => {
    await db.photoBytes.delete('sent-1')
    await sendAgain(db, ['sent-1', 'sent-2', 'refused', 'never seen'])
    expect((await db.photos.toArray()).map((photo) => [photo.sha256, photo.state])).toEqual([
      ['held', 'held'], ['old', 'have'], ['refused', 'refused'], ['sent-1', 'have'], ['sent-2', 'waiting'], ['unsent', 'waiting'],
    ])
  })
})
