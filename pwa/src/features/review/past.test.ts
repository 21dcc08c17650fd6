import { expect, it } from 'vitest'

import { trend } from './past'

it('draws the hottest temperatures over time, the highest on top, and nothing of a single one', () => {
  const past = [
    { id: 'c', at: 300, hot_c: 60 },
    { id: 'a', at: 100, hot_c: 40 },
    { id: 'none', at: 150, hot_c: undefined },
    { id: 'b', at: 200, hot_c: 50 },
  ]
  expect(trend(past, 100, 40)).toEqual([{ id: 'a', x: 0, y: 40 }, { id: 'b', x: 50, y: 20 }, { id: 'c', x: 100, y: 0 }])
  expect(trend(past.slice(0, 1), 100, 40)).toEqual([])
  expect(trend([{ id: 'a', at: 1, hot_c: 40 }, { id: 'b', at: 1, hot_c: 40 }], 100, 40).map(({ x, y }) => [x, y])).toEqual([[0, 40], [100, 40]])
})
