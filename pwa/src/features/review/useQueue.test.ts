import { effectScope } from 'vue'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { adoptStore, type BaseRow, store } from '@/sync/db'
import { freshStore } from '@/sync/testing'

const ME = 'reviewer'
vi.mock('@/app/session', () => ({ useSession: () => ({ me: { value: { person: { id: ME, name: '刘敏' } } } }) }))

const { useQueue } = await import('./useQueue')
type Queue = ReturnType<typeof useQueue>

function row(id: string, author: string, by: string, change: Partial<BaseRow> = {}): BaseRow {
  const at = '2026-11-23T10:00:00Z'
  const log = [{ id: `${id}-submit`, type: 'submit', at, by, by_name: by, data: {} }]
  return { id, kind: 'hazard', scope: 'u:1', seq: 1, rev: 1, state: 'submitted', author, at, data: { unit: 'u' }, facts: {}, log, missing: [], ...change }
}

let stop = () => {}
function open(wanted?: string): Queue {
  const scope = effectScope()
  stop = () => scope.stop()
  return scope.run(() => useQueue(wanted))!
}
const ids = (queue: Queue) => queue.shown.value.map((record) => record.id)

beforeEach(async () => {
  const db = freshStore()
  adoptStore(db)
  await db.base.add([
    row('theirs', 'inspector', 'inspector', { data: { unit: 'u', meter_box: 'box' } }),
    row('mine', ME, ME),
    row('handed-in-by-me', 'inspector', ME),
    row('over', 'inspector', 'inspector', { state: 'accepted' }),
  ])
})
afterEach(() => stop())

it('never holds what the reviewer made or handed in, nor what is over', async () => {
  const queue = open()
  await vi.waitFor(() => expect(queue.shown.value.length).toBeGreaterThan(0))
  expect(ids(queue)).toEqual(['theirs'])
  expect(queue.openCount.value).toBe(1)
  expect(queue.isOpen('mine')).toBe(false)
})

it('shows one of his own that is asked for by its id, and lets nobody decide it', async () => {
  const queue = open('mine')
  await vi.waitFor(() => expect(queue.current.value?.id).toBe('mine'))
  expect(queue.isOpen('mine')).toBe(false)
})

it('shows one that is over when it is asked for by its id', async () => {
  const queue = open('over')
  await vi.waitFor(() => expect(queue.current.value?.id).toBe('over'))
  expect(ids(queue)).toEqual(['over', 'theirs'])
})

it('has beside a record what comes later of the same box', async () => {
  const queue = open()
  const beside = () => queue.beside.value.map((record) => record.id)
  await vi.waitFor(() => expect(beside()).toEqual(['theirs']))
  await store().base.add([row('earlier', 'inspector', 'inspector', { state: 'accepted', data: { unit: 'u', meter_box: 'box' } })])
  await vi.waitFor(() => expect(beside()).toEqual(['theirs', 'earlier']))
})
