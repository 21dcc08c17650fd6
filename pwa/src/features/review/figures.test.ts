import { expect, it } from 'vitest'

import { plain, points } from './figures'

it('writes agreement to two places with a true minus', () => {
  expect(plain({ value: 0.4, low: -0.154, high: 1 })).toEqual({ value: '0.40', low: '−0.15', high: '1.00' })
  expect(plain({ value: -0.001, low: -1, high: 0 })).toEqual({ value: '0.00', low: '−1.00', high: '0.00' })
})

it('writes leniency in percentage points with its sign', () => {
  expect(points({ value: 0.2, low: 0.004, high: 0.35 })).toEqual({ value: '+20', low: '0', high: '+35' })
  expect(points({ value: -0.2, low: -0.35, high: -0.001 })).toEqual({ value: '−20', low: '−35', high: '0' })
})
