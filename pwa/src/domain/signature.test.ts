import { expect, test } from 'vitest'

import { longer, pathOf, pointAt, says, type Stroke } from './signature'

/** As the server reads it, `Signature` in backend/features/checks/model.py. */
const TAKEN = /^(M(1000|[0-9]{1,3}) (600|[0-5]?[0-9]{1,2})(L(1000|[0-9]{1,3}) (600|[0-5]?[0-9]{1,2}))+)+$/

test('a path is what the server takes, at the edges and for a dot too', () => {
  const strokes: Stroke[] = [[pointAt(-1, -1), pointAt(2, 2)], [pointAt(1, 0.5)], [pointAt(0.5, 0.999), pointAt(0.25, 0.1), pointAt(0, 1)], []]
  expect(pathOf(strokes)).toBe('M0 0L1000 600M1000 300L1000 300M500 599L250 60L0 600')
  expect(pathOf(strokes)).toMatch(TAKEN)
})

test('points that say nothing new are left out', () => {
  const one = longer([], [10, 10])
  expect(longer(one, [12, 12])).toBe(one)
  expect(longer(one, [20, 10])).toEqual([[10, 10], [20, 10]])
})

test('a touch by mistake is no signature', () => {
  expect(says([])).toBe(false)
  expect(says([[[10, 10]], [[20, 10], [60, 10]]])).toBe(false)
  expect(says([[[10, 10], [110, 10]], [[10, 20], [110, 20]]])).toBe(true)
})
