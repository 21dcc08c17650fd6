import { afterEach, expect, test, vi } from 'vitest'
import { effectScope } from 'vue'

import { adoptStore, closeStore } from './db'
import { nearlyFilled, setFilling } from './filling'
import { useLive } from './records'
import { freshStore } from './testing'

afterEach(() => {
  setFilling(false)
  closeStore()
})

test('while many records come in, an open list reads by the clock, and once more when they are in', async () => {
  const db = freshStore()
  adoptStore(db)
  let reads = 0
  const scope = effectScope()
  const live = scope.run(() => useLive(async () => (reads++, await db.base.count())))!
  await vi.waitFor(() => expect(live.value).toBe(0))
  setFilling(true)
  reads = 0
  for (let n = 0; n < 40; n++) await db.base.bulkPut([{ id: `r${n}`, kind: 'unit', scope: 'org', seq: n, rev: 1, state: 'live', author: null, at: '', data: {}, facts: {}, log: [], missing: [] }])
  expect(reads).toBeLessThanOrEqual(2)
  setFilling(false)
  await vi.waitFor(() => expect(live.value).toBe(40))
  scope.stop()
  db.close()
})

test('once all are in, a list waits for the end of the round, but not for long', async () => {
  vi.useFakeTimers()
  const scope = effectScope()
  let reads = 0
  setFilling(true)
  const live = scope.run(() => useLive(async () => ++reads))!
  await vi.advanceTimersByTimeAsync(2_900)
  expect(live.value).toBe(1)
  nearlyFilled()
  await vi.advanceTimersByTimeAsync(2_900)
  expect(live.value).toBe(1)
  await vi.advanceTimersByTimeAsync(200)
  expect(live.value).toBe(2)
  scope.stop()
  vi.useRealTimers()
})
