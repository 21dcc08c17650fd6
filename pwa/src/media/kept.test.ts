import { beforeEach, describe, expect, it } from 'vitest'

import type { PhotoState, Store } from '@/sync/db'
import { freshStore } from '@/sync/testing'

import { keepReserve, makingRoom, savingText, sendAgain, sweepKept } from './kept'

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

describe('text', () => {
  const full = () => Promise.reject(Object.assign(new Error(), { name: 'QuotaExceededError' }))
  const cut = () => Promise.reject(Object.assign(new Error(), { name: 'AbortError' }))
  beforeEach(async () => {
    db = freshStore()
    await add('sent', 'have', 10 * DAY)
    await add('unsent', 'waiting', 0)
    for (const sha256 of ['sent', 'unsent']) await db.thumbs.put({ sha256, bytes: new ArrayBuffer(5) })
    await keepReserve(db)
  })
  const stands = async () => [await held(), await db.thumbs.toCollection().primaryKeys(), await db.meta.where('key').equals('reserve').count()]

  it('finds room step by step, and never at the cost of what is only here', async () => {
    const seen: unknown[] = []
    await savingText(db, async () => {
      seen.push(await stands())
      if (seen.length < 4) await full()
    })
    expect(seen).toEqual([
      [['sent', 'unsent'], ['sent', 'unsent'], 1],
      [['unsent'], ['sent', 'unsent'], 1],
      [['unsent'], ['unsent'], 1],
      [['unsent'], ['unsent'], 0],
    ])
  })

  it('says so when nothing is left to give up', async () => {
    await expect(savingText(db, full)).rejects.toMatchObject({ name: 'QuotaExceededError' })
    expect((await stands())[0]).toEqual(['unsent'])
  })

  it('fits into what another write gave up in the meantime', async () => {
    const fits = async () => ((await stands())[2] ? full() : 'kept')
    let tries = 0
    const write = async () => {
      if (tries++) return fits()
      await savingText(db, fits)
      return full()
    }
    expect(await savingText(db, write)).toBe('kept')
  })

  it('is written once more after a transaction was broken off, once', async () => {
    let tries = 0
    expect(await savingText(db, async () => (++tries < 2 ? cut() : tries))).toBe(2)
    tries = 0
    await expect(savingText(db, async () => (++tries, cut()))).rejects.toMatchObject({ name: 'AbortError' })
    expect(tries).toBe(2)
  })

  it('has its room set aside once, and again after it was given up', async () => {
    await keepReserve(db)
    await db.meta.delete('reserve')
    await keepReserve(db)
    expect(((await db.meta.get('reserve'))?.value as ArrayBuffer).byteLength).toBe(1_048_576)
  })
})
