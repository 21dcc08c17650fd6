import { expect, it } from 'vitest'

import { byWeight, type Cell, SHOWN, shownOf, zoomOf } from './mapList'

const cell = (id: string, n: number, grade: string | null): Cell => ({ id, n, grade, lat: 0, lon: 0, kind: '', state: '', title: '', title_en: '', thing: '' })

it('lists the worst first, then the fullest', () => {
  const cells = [cell('a', 9, null), cell('b', 1, 'general'), cell('c', 5, 'critical'), cell('d', 7, 'critical'), cell('e', 3, 'normal')]
  expect(cells.sort(byWeight).map((one) => one.id)).toEqual(['d', 'c', 'b', 'e', 'a'])
})

it('knows its own conditions in an address, and that others are the list’s', () => {
  for (const [name, query] of Object.entries(SHOWN)) expect(shownOf(query)).toBe(name)
  expect(shownOf({ kind: 'defect', status: 'closed' })).toBe('custom')
  expect(shownOf({})).toBe('custom')
  expect(zoomOf({ lat: 0, lon: 0, zoom: 11.6 })).toBe(12)
})
