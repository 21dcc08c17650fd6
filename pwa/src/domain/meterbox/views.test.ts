import { expect, test } from 'vitest'

import catalogue from '@catalogue/meter_box_hazards.json'

import { viewsAsked, viewsMissing } from './views'
import type { HazardItem, Hazards } from './rules'

const item = (code: string, ...photo_views: string[]): HazardItem => ({ ...catalogue.items[0]!, code, photo_views })
const hazards: Hazards = { version: 'x', items: [item('A', 'overall', 'close_up'), item('B', 'close_up', 'inside'), item('C', 'label_or_number')] }

test('each chosen fault brings its views, each view once', () => {
  expect(viewsAsked(hazards, ['B', 'A'])).toEqual(['overall', 'close_up', 'inside'])
  expect(viewsAsked(hazards, ['C', 'unknown'])).toEqual(['label_or_number'])
  expect(viewsAsked(hazards, [])).toEqual(['overall', 'close_up', 'inside', 'label_or_number'])
})

test('the checklist in force asks for three views', () => {
  expect(viewsAsked(catalogue, [])).toEqual(['overall', 'close_up', 'label_or_number'])
})

test('a view is missing while no photo of it is there', () => {
  expect(viewsMissing(['overall', 'close_up'], [{ role: 'overall' }, { role: 'overall' }, { role: 'evidence' }])).toEqual(['close_up'])
  expect(viewsMissing([], [])).toEqual([])
})
