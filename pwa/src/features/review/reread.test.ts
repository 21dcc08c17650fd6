import { expect, test } from 'vitest'

import { rereadTexts } from './reread'

const same = { label: 'A', noted_c: 86.42, read_c: 86.4, agrees: true }
const other = { label: 'B', noted_c: 86.42, read_c: 40.04, agrees: false }
const outside = { label: 'C', noted_c: 20, read_c: null, agrees: false }
const keys = (...given: Parameters<typeof rereadTexts>) => rereadTexts(...given).map(({ key }) => key)

test('each place that reads otherwise has its sentence, the others none', () => {
  expect(rereadTexts({ state: 'differs', marks: [same, other, outside], wrong: ['trust'], reason: null })).toEqual([
    { key: 'differs', args: { label: 'B', noted: '86.4 °C', read: '40.0 °C' } },
    { key: 'nothing', args: { label: 'C', noted: '20.0 °C', read: '' } },
    { key: 'wrong', args: {} },
  ])
})

test('agreement, waiting and what cannot be read are one sentence each', () => {
  expect(keys({ state: 'agrees', marks: [same], wrong: [], reason: null })).toEqual(['agrees'])
  expect(keys({ state: 'missing', marks: [], wrong: [], reason: null })).toEqual(['missing'])
  expect(keys({ state: 'unreadable', marks: [], wrong: [], reason: 'flir_header' })).toEqual(['unreadable'])
  expect(keys({ state: 'unreadable', marks: [], wrong: [], reason: 'not_adjustable' })).toEqual(['conditions'])
})
