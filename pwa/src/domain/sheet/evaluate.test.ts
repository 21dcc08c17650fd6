import { describe, expect, test } from 'vitest'

import catalogue from '@catalogue/sheets.json'
import vectors from '@vectors/sheets.json'

import { type Answers, calc, evaluate, type Expression, onlyAsked, type Sheet } from './evaluate'

const shipped = catalogue.sheets as unknown as Sheet[]

describe('expressions', () => {
  test.each(vectors.expressions.map((one) => [one.name, one] as const))('%s', (_name, { expression, known, value }) => {
    expect(calc(expression as Expression, known as Answers)).toEqual(value)
  })
})

describe('sheets', () => {
  test.each(vectors.cases.map((one) => [one.name, one] as const))('%s', (_name, { sheet, answers, output }) => {
    const meant = typeof sheet === 'string' ? shipped.find(({ id }) => id === sheet)! : (sheet as unknown as Sheet)
    expect(evaluate(meant, answers as Answers)).toEqual(output)
  })
})

test('what is no longer asked is not handed in, in rows too', () => {
  const seals = shipped.find(({ id }) => id === 'seals')!
  const answers = { box: '', seals: [{ place: 'door', there: false, number: 'A1', in_system: 'A1' }, { place: 'meter', there: true, number: 'A2' }], wrong: 3 }
  expect(onlyAsked(seals, answers)).toEqual({ seals: [{ place: 'door', there: false, in_system: 'A1' }, { place: 'meter', there: true, number: 'A2' }] })
})
