/** A condition as rows of a form: question, comparison, value; joined by "and" or "or", with groups one level deep. Pure. */
import type { Expression, Question } from '@/domain/sheet/evaluate'

export const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='] as const
export type Comparison = (typeof COMPARISONS)[number]
export type Test = Comparison | 'answered' | 'unanswered'
export type Join = 'and' | 'or'
/** What is compared with: nothing yet, a value, or the answer to another question. */
export type Against = null | boolean | number | string | { of: string }
export interface Row {
  field: string
  test: Test
  against: Against
}
/** What the form cannot express: shown in words, and written back as it was read. */
export interface Other {
  as: Expression
}
export interface Group {
  join: Join
  rows: (Row | Other)[]
}
export type Part = Row | Other | Group
export interface Condition {
  join: Join
  parts: Part[]
}

/** An operator takes so many at most (`backend/sheets.py`). */
export const PARTS_MAX = 9

export const isRow = (part: Part): part is Row => 'test' in part
export const isGroup = (part: Part): part is Group => 'rows' in part

const isJoin = (value: unknown): value is Join => value === 'and' || value === 'or'
const reference = (value: Expression | undefined): string | undefined => (typeof value === 'string' && value.startsWith('$') ? value.slice(1) : undefined)

function rowOf(expression: Expression): Row | Other {
  if (!Array.isArray(expression)) return { as: expression }
  const [operator, left, right] = expression as readonly Expression[]
  const field = reference(left)
  if (operator === 'answered' && expression.length === 2 && field !== undefined) return { field, test: 'answered', against: null }
  if (operator === 'not' && expression.length === 2 && Array.isArray(left)) {
    const inner = rowOf(left as Expression)
    return 'test' in inner && inner.test === 'answered' ? { ...inner, test: 'unanswered' } : { as: expression }
  }
  const test = COMPARISONS.find((one) => one === operator)
  if (!test || expression.length !== 3 || field === undefined || Array.isArray(right)) return { as: expression }
  const of = reference(right)
  return { field, test, against: of === undefined ? (right as null | boolean | number | string) : { of } }
}

/** What joins these, when it joins as many as an operator may. */
function joined(expression: Expression): { join: Join; rest: readonly Expression[] } | undefined {
  if (!Array.isArray(expression)) return undefined
  const [join, ...rest] = expression as readonly Expression[]
  return isJoin(join) && rest.length >= 2 && rest.length <= PARTS_MAX ? { join, rest } : undefined
}

/** An expression as a form; `true` is a condition without parts. */
export function read(expression: Expression): Condition {
  if (expression === true) return { join: 'and', parts: [] }
  const top = joined(expression)
  if (!top) return { join: 'and', parts: [rowOf(expression)] }
  const parts = top.rest.map((one): Part => {
    const group = joined(one)
    return group && group.join !== top.join ? { join: group.join, rows: group.rest.map(rowOf) } : rowOf(one)
  })
  return { join: top.join, parts }
}

function written(part: Row | Other): Expression {
  if (!('test' in part)) return part.as
  const field = `$${part.field}`
  if (part.test === 'answered') return ['answered', field]
  if (part.test === 'unanswered') return ['not', ['answered', field]]
  const { against } = part
  return [part.test, field, against !== null && typeof against === 'object' ? `$${against.of}` : against]
}

function together(join: Join, all: Expression[]): Expression {
  return all.length === 0 ? true : all.length === 1 ? all[0]! : [join, ...all]
}

/** The form as an expression; a group of one is that one, an empty one is left out. */
export function write({ join, parts }: Condition): Expression {
  const filled = parts.filter((part) => !isGroup(part) || part.rows.length > 0)
  return together(join, filled.map((part) => (isGroup(part) ? together(part.join, part.rows.map(written)) : written(part))))
}

/** Which comparisons make sense for answers of this type. */
export function testsFor(type: Question['type'] | undefined): Test[] {
  if (type === 'number' || type === 'calculated') return [...COMPARISONS, 'answered', 'unanswered']
  if (type === 'yes_no' || type === 'choice' || type === 'text' || type === 'register') return ['==', '!=', 'answered', 'unanswered']
  return ['answered', 'unanswered']
}

export type Fault = { at: 'field' | 'test' | 'against'; code: 'choose' | 'unknown' | 'unfit' | 'missing' }

/** What is wrong with a row, at the field where it is; undefined for a good one. */
export function faultOf(row: Row, known: readonly Question[]): Fault | undefined {
  if (!row.field) return { at: 'field', code: 'choose' }
  const question = known.find(({ name }) => name === row.field)
  if (!question) return { at: 'field', code: 'unknown' }
  if (!testsFor(question.type).includes(row.test)) return { at: 'test', code: 'unfit' }
  if (row.test === 'answered' || row.test === 'unanswered') return undefined
  const { against } = row
  if (against === null || against === '') return { at: 'against', code: 'missing' }
  if (typeof against === 'object') return known.some(({ name }) => name === against.of) ? undefined : { at: 'against', code: against.of ? 'unknown' : 'choose' }
  return fits(question, against) ? undefined : { at: 'against', code: 'unfit' }
}

function fits({ type, choices }: Question, value: boolean | number | string): boolean {
  if (type === 'number' || type === 'calculated') return typeof value === 'number'
  if (type === 'yes_no') return typeof value === 'boolean'
  return typeof value === 'string' && (type !== 'choice' || (choices ?? []).some((choice) => choice.value === value))
}

/** A row asks about another question: what no longer fits is emptied. */
export function asking(row: Row, field: string, known: readonly Question[]): Row {
  const question = known.find(({ name }) => name === field)
  const test = testsFor(question?.type).includes(row.test) ? row.test : testsFor(question?.type)[0]!
  const next: Row = { field, test, against: row.against }
  return faultOf(next, known)?.at === 'against' ? { ...next, against: null } : next
}

/** The rows that are not filled in rightly, with their place: `2` or, in a group, `2.1`, counted from 1. */
export function faultsOf(condition: Condition, known: readonly Question[]): { place: string; fault: Fault }[] {
  const found: { place: string; fault: Fault }[] = []
  const look = (part: Row | Other, place: string) => {
    const fault = 'test' in part ? faultOf(part, known) : undefined
    if (fault) found.push({ place, fault })
  }
  condition.parts.forEach((part, n) => (isGroup(part) ? part.rows.forEach((row, m) => look(row, `${n + 1}.${m + 1}`)) : look(part, `${n + 1}`)))
  return found
}
