/** A form with a photo, killed at every await: what was typed stays, and a photo is there with its bytes or not at all. */
import { describe, expect, test, vi } from 'vitest'

import { adoptStore, draftRow, Store } from '@/sync/db'
import { killedAt } from '@/sync/killing'
import { loadDraft, save, saveDraft, setSelf } from '@/sync/records'
import { SELF } from '@/sync/testing'

import { type Attached, attach } from './attach'
import { withPhoto } from './frames'

vi.mock('./thumb', () => ({ thumbnail: () => new Promise((done) => setTimeout(() => done(new ArrayBuffer(8)), 10)) }))
vi.mock('@/sync/bus', () => ({ poke: () => {} }))
vi.mock('@/custody/capture', () => ({ signCaptures: async () => {} }))

setSelf(SELF)
const KIND = 'hazard'
const ID = '01900000-0000-7000-8000-000000000001'
const KEY = `${KIND}:${ID}`
const file = (name: string) => new File([new TextEncoder().encode(`bytes of ${name}`)], `${name}.jpg`, { type: 'image/jpeg', lastModified: 1_764_000_000_000 })

interface State {
  body: { note: string }
  photos: Attached[]
}

let count = 0
/** A phone; each start of the app opens its database anew. */
function phone(): () => Store {
  const name = `killed-${++count}`
  let db: Store | undefined
  return () => {
    db?.close()
    adoptStore((db = new Store(SELF.id, name)))
    return db
  }
}

/** What a person does and the form with it: types, presses the frame, takes two photos. */
async function photographed(note: string): Promise<void> {
  const form: State = { body: { note }, photos: [] }
  await saveDraft(KEY, form)
  const taken = async (name: string) => {
    const photo = await attach(file(name), 'overall', { way: 'camera', pressedMs: 1_764_000_000_000, draft: (one) => ({ key: KEY, state: { ...form, photos: withPhoto(form.photos, { ...one, preview: '' }, true) } }) })
    form.photos = withPhoto(form.photos, photo, true)
  }
  await Promise.all([taken('one'), taken('two')])
  await saveDraft(KEY, form)
}

async function named(): Promise<string[]> {
  return ((await loadDraft<State>(KEY))?.photos ?? []).map(({ sha256 }) => sha256).sort()
}

const steps = await (async () => {
  phone()()
  return killedAt(Infinity, () => photographed('x'))
})()

describe('killed while photos are taken', () => {
  test('there are enough places to be killed at', () => expect(steps).toBeGreaterThan(25))

  test.each(Array.from({ length: steps }, (_, i) => i + 1))('step %i: what was typed is there, each photo with its bytes', async (at) => {
    const start = phone()
    await start().drafts.put(draftRow(KEY, { body: { note: 'typed before' }, photos: [] }))
    expect(await killedAt(at, () => photographed('typed now'))).toBe(at)

    const db = start()
    const draft = await loadDraft<State>(KEY)
    expect(['typed before', 'typed now']).toContain(draft?.body.note)
    const held = (await db.photos.toArray()).map(({ sha256 }) => sha256).sort()
    expect(await named(), 'each stored photo stands in the form').toEqual(held)
    expect((await db.photoBytes.toCollection().primaryKeys()).sort()).toEqual(held)

    // The person goes on: the same photo again is the same photo.
    await photographed('typed now')
    expect(await named()).toHaveLength(2)
  })
})

const form = { unit: '01900000-0000-7000-8000-0000000000aa', note: 'a note' }
async function saved(): Promise<void> {
  const photos = (await loadDraft<State>(KEY))!.photos
  await save(KIND, ID, form, { photos, unfit: { body: { ...form, positions: -1 }, photos } })
}

describe('killed while a form is saved', async () => {
  phone()()
  await photographed('x')
  const most = await killedAt(Infinity, saved)

  test.each(Array.from({ length: most }, (_, i) => i + 1))('step %i: the record is whole or still a form', async (at) => {
    const start = phone()
    start()
    await photographed('x')
    await killedAt(at, saved)
    const db = start()
    const [ops, photos, draft] = [await db.outbox.toArray(), await db.photos.toArray(), await loadDraft<{ body: { positions?: number } }>(KEY)]
    expect(draft, 'the form').toBeDefined()
    if (ops.length === 0) {
      expect(photos.map(({ state }) => state)).toEqual(['held', 'held'])
      expect(draft?.body.positions).toBeUndefined()
    } else {
      expect(photos.map(({ state, records }) => [state, records])).toEqual([['waiting', [ID]], ['waiting', [ID]]])
      expect(draft?.body.positions, 'what is not fit to be sent').toBe(-1)
    }
  })
})
