import { expect, test } from 'vitest'

import { AMBIENT_MS, type Before, lastValues } from './last'

const now = Date.parse('2026-11-24T10:00:00+08:00')
const at = (ms: number) => new Date(now - ms).toISOString()
const before = (id: string, ms: number, data: Before['data'], author = 'wang'): Before => ({ id, author, data: { taken_at: at(ms), ...data } })
const last = (records: Before[], equipment?: string) => lastValues(records, { id: 'this', me: 'wang', equipment, at: now })

test('the newest of my own is offered, never the open form itself', () => {
  const found = last([before('old', 7000, { ambient_c: 11, camera: 'T420' }), before('new', 1000, { ambient_c: 12, camera: 'T640' }), before('this', 0, { ambient_c: 99, camera: 'X' })])
  expect(found).toEqual({ ambient: { value: 12, at: at(1000) }, camera: 'T640' })
})

test('zero degrees is a temperature, and six hours are the limit', () => {
  expect(last([before('a', AMBIENT_MS, { ambient_c: 0 })]).ambient?.value).toBe(0)
  expect(last([before('a', AMBIENT_MS + 1, { ambient_c: 0 })]).ambient).toBeUndefined()
})

test("another's camera and ambient are not mine; the load of the equipment is everybody's", () => {
  const records = [before('his', 1000, { equipment: 'e', load_a: 210, ambient_c: 12, camera: 'T640' }, 'li'), before('else', 500, { equipment: 'f', load_a: 90 }, 'li')]
  expect(last(records, 'e')).toEqual({ load: { value: 210, at: at(1000) } })
  expect(last(records)).toEqual({})
})

test('what was measured after the time in the form is not "last time"', () => {
  expect(last([before('later', -1, { ambient_c: 20, camera: 'T1' })])).toEqual({})
})
