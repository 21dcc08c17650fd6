import { expect, it } from 'vitest'

import { deskPage } from './deskPage'

it('a record that waits is read in its queue, any other on its own page', () => {
  expect(deskPage('infrared', 'submitted', 'i')).toBe('/desk/review?record=i')
  expect(deskPage('infrared', 'accepted', 'i')).toBe('/r/infrared/i')
  expect(deskPage('repair', 'restored', 'j')).toBe('/desk/review?record=j')
  expect(deskPage('repair', 'located', 'j')).toBe('/job/j')
  expect(deskPage('violation', 'proposed', 'v')).toBe('/desk/violations?record=v')
  expect(deskPage('meter_box', 'live', 'b')).toBe('/find/meter_box/b')
  expect(deskPage('person', 'live', 'p')).toBeUndefined()
})
