import { expect, it } from 'vitest'

import { zeroOf } from './zero'

it('names the zero of findings, jobs and defects, and of nothing else', () => {
  expect(zeroOf('finding', { goal: 'Z2' })).toBe('Z2')
  expect(zeroOf('finding', {})).toBeUndefined()
  expect(zeroOf('repair', { clock: { basis: 'promise' } })).toBe('Z6')
  expect(zeroOf('repair', { clock: { basis: 'deadline' } })).toBe('Z4')
  expect(zeroOf('repair', {})).toBeUndefined()
  expect(zeroOf('defect', {})).toBe('Z7')
  expect(zeroOf('infrared', { goal: 'Z2' })).toBeUndefined()
})
