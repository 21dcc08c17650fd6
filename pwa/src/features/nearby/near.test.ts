import { expect, it } from 'vitest'

import { isHere, nearest, type Thing, worst } from './near'

const thing = (id: string, lat: number, lon: number): Thing => ({ id, lat, lon, kind: 'equipment', code: id, name: id, defects: 0 })
const HERE = { lat: 36.6, lon: 114.5 }

it('gives the nearest first, with metres and direction', () => {
  const things = [thing('north', 36.61, 114.5), thing('east', 36.6, 114.501), thing('far', 36.7, 114.5), thing('here', 36.6, 114.5)]
  const found = nearest(things, HERE, 3)
  expect(found.map((one) => [one.thing.id, Math.round(one.far), one.towards])).toEqual([['here', 0, 'n'], ['east', 89, 'e'], ['north', 1112, 'n']])
})

it('goes through a large register within a blink, in the same order each time', () => {
  const things = Array.from({ length: 20_000 }, (_, i) => thing(`t${String(i % 100)}-${i}`, 36 + (i % 100) / 100, 114 + Math.floor(i / 100) / 1000))
  const began = performance.now()
  const found = nearest(things, HERE, 40)
  expect(performance.now() - began).toBeLessThan(2000)
  expect(found).toHaveLength(40)
  expect(nearest([...things].reverse(), HERE, 40).map((one) => one.thing.id)).toEqual(found.map((one) => one.thing.id))
})

it('does not point where the position is not sure enough to', () => {
  expect(isHere(8, 10)).toBe(true)
  expect(isHere(11, 10)).toBe(false)
})

it('knows the worst of several grades', () => {
  expect(worst(['general', 'critical', 'serious'])).toBe('critical')
  expect(worst([null, undefined, 'x'])).toBeUndefined()
})
