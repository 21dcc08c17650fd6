import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import type { Expression, Question, Sheet } from '@/domain/sheet/evaluate'

import { asking, faultOf, faultsOf, read, type Row, write } from './conditions'
import { named, say } from './say'

const q = (name: string, type: Question['type'], zh: string, en: string, more: Partial<Question> = {}): Question => ({ name, type, text: { zh, en }, ...more })
const height = q('height', 'number', '高度', 'Height')
const live = q('live', 'yes_no', '带电', 'Live')
const cause = q('cause', 'choice', '原因', 'Cause', { choices: [{ value: 'road', text: { zh: '道路', en: 'Road' } }, { value: 'other', text: { zh: '其他', en: 'Other' } }] })
const at = q('at', 'moment', '时间', 'Time')
const known = [height, live, cause, at]

/** Every expression of the catalogue and of the vectors, wherever it stands. */
function expressions(): { expression: Expression; questions: readonly Question[] }[] {
  const sheets = (JSON.parse(readFileSync('../backend/data/catalogue/2026.11/sheets.json', 'utf8')) as { sheets: Sheet[] }).sheets
  const of = (questions: readonly Question[], all: readonly Question[]): { expression: Expression; questions: readonly Question[] }[] =>
    questions.flatMap((one) => [
      ...[one.when, one.required, one.value, ...(one.limits ?? []).map(({ hold }) => hold)].filter((each) => each !== undefined).map((expression) => ({ expression, questions: all })),
      ...of(one.questions ?? [], all),
    ])
  return sheets.flatMap(({ questions }) => of(questions, questions))
}

describe('a condition as a form', () => {
  const CASES: Expression[] = [
    true, ['==', '$live', true], ['<', '$height', '$other'], ['answered', '$at'], ['not', ['answered', '$at']], ['==', '$', null],
    ['and', ['>=', '$height', 1], ['<=', '$height', 20]],
    ['or', ['==', '$live', false], ['and', ['>', '$height', 3], ['not', ['answered', '$at']]]],
    ['>=', ['minutes', '$a', '$b'], 0], ['and', ['and', ['==', '$live', true], true], false], ['not', ['==', '$live', true]], ['and', ['==', '$live', true]], false, 7, null,
    ['or', ['and', ['or', ['==', '$live', true], ['==', '$live', false]], ['answered', '$at']], ['answered', '$height']],
  ]
  it('what is read and not touched is written as it was, whatever the form can express of it', () => {
    for (const one of [...CASES, ...expressions().map(({ expression }) => expression)]) expect(write(read(one))).toEqual(one)
  })
  it('rows of one level and groups of the other join are fields; the rest is kept in one piece', () => {
    expect(read(['or', ['==', '$live', false], ['and', ['>', '$height', 3], ['answered', '$at']]])).toEqual({
      join: 'or',
      parts: [
        { field: 'live', test: '==', against: false },
        { join: 'and', rows: [{ field: 'height', test: '>', against: 3 }, { field: 'at', test: 'answered', against: null }] },
      ],
    })
    expect(read(['>=', ['minutes', '$a', '$b'], 0]).parts).toEqual([{ as: ['>=', ['minutes', '$a', '$b'], 0] }])
  })
  it('a group of one is that one, an empty one is nothing', () => {
    const row: Row = { field: 'live', test: '==', against: true }
    expect(write({ join: 'and', parts: [{ join: 'or', rows: [row] }, { join: 'or', rows: [] }] })).toEqual(['==', '$live', true])
    expect(write({ join: 'or', parts: [] })).toBe(true)
  })
})

describe('what is wrong with a row is said at its field', () => {
  it.each<[Partial<Row>, string, string]>([
    [{ field: '' }, 'field', 'choose'],
    [{ field: 'gone' }, 'field', 'unknown'],
    [{ field: 'at', test: '<', against: 3 }, 'test', 'unfit'],
    [{ field: 'height', test: '<', against: null }, 'against', 'missing'],
    [{ field: 'height', test: '<', against: 'three' }, 'against', 'unfit'],
    [{ field: 'cause', test: '==', against: 'rain' }, 'against', 'unfit'],
    [{ field: 'live', test: '==', against: { of: 'gone' } }, 'against', 'unknown'],
  ])('%o', (given, place, code) => {
    expect(faultOf({ field: 'live', test: '==', against: null, ...given }, known)).toEqual({ at: place, code })
  })
  it('good rows have none, and a bad one in a group has its place', () => {
    expect(faultsOf(read(['and', ['==', '$cause', 'road'], ['<', '$height', '$height'], ['answered', '$at']]), known)).toEqual([])
    expect(faultsOf(read(['or', ['answered', '$at'], ['and', ['==', '$live', true], ['<', '$height', null]]]), known)).toEqual([{ place: '2.2', fault: { at: 'against', code: 'missing' } }])
  })
  it('another question takes with it only what fits it', () => {
    expect(asking({ field: 'height', test: '<', against: 3 }, 'live', known)).toEqual({ field: 'live', test: '==', against: null })
    expect(asking({ field: 'height', test: '==', against: 3 }, 'at', known)).toEqual({ field: 'at', test: 'answered', against: 3 })
  })
})

describe('a condition in words', () => {
  it.each<[Expression, string, string]>([
    [['==', '$cause', 'other'], '「原因」等于「其他」', '“Cause” is “Other”'],
    [['or', ['==', '$live', false], ['and', ['>', '$height', 3], ['not', ['answered', '$at']]]], '「带电」等于否，或者（「高度」大于 3，并且「时间」没有填写）', '“Live” is no or (“Height” is more than 3 and “Time” is not answered)'],
    [['>=', ['minutes', '$at', '$at'], 0], '从「时间」到「时间」的分钟数不小于 0', 'the minutes from “Time” to “Time” is at least 0'],
    [['<', '$height', null], '「高度」小于（未填）', '“Height” is less than (nothing)'],
    [['not', ['==', '$', 1]], '并非（「…」等于 1）', 'it is not so that (“…” is 1)'],
  ])('%o', (expression, zh, en) => {
    expect(say(expression, named(known), 'zh')).toBe(zh)
    expect(say(expression, named(known), 'en')).toBe(en)
  })
  it('all that is shipped can be said without its spelling', () => {
    for (const { expression, questions } of expressions()) for (const language of ['zh', 'en'] as const) expect(say(expression, named(questions), language)).not.toMatch(/[$[\]]/)
  })
})
