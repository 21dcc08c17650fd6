/** Sheets: the questions that a checklist item asks, as data, and what their answers come to. The server's `backend/sheets.py` gives the same. Pure. */

export interface Words {
  zh: string
  en: string
}
/** A number, true, false, a text, `$name`, or `[operator, …]`. */
export type Expression = number | boolean | string | null | readonly Expression[]
export interface Limit {
  hold: Expression
  text: Words
  warn?: boolean
}
export interface Question {
  name: string
  type: 'number' | 'text' | 'yes_no' | 'moment' | 'choice' | 'register' | 'group' | 'calculated' | 'note'
  text: Words
  hint?: Words
  when?: Expression
  required?: Expression
  unit?: Words
  digits?: number
  limits?: readonly Limit[]
  choices?: readonly { value: string; text: Words }[]
  from?: { kind: 'equipment' | 'meter_box'; field?: string; where?: Record<string, string> }
  value?: Expression
  last?: boolean
  least?: number
  most?: number
  questions?: readonly Question[]
}
export interface Sheet {
  id: string
  version: number
  items: readonly string[]
  title: Words
  questions: readonly Question[]
}
/** Answers by the question's name; of a group, a list of answers. */
export type Answers = { [name: string]: unknown }
/** What an answer breaks: `path` like `seals[1].number`; `limit` counts in the question's limits. */
export interface Wrong {
  path: string
  code: string
  limit?: number
}
export interface Evaluated {
  /** Paths of the questions that are asked, in order. */
  asked: string[]
  calculated: Record<string, number>
  wrong: Wrong[]
  warned: Wrong[]
}

export const MAX_ROWS = 30
export const MAX_TEXT = 500
const MAX_NUMBER = 1e12

/** Everything about the answers in one pass: a question looks only at earlier ones. */
export function evaluate(sheet: Sheet, answers: Answers): Evaluated {
  const found: Evaluated = { asked: [], calculated: {}, wrong: [], warned: [] }
  go(sheet.questions, answers, {}, '', found)
  return found
}

const empty = (value: unknown) => value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)

function go(questions: readonly Question[], answers: Answers, known: Answers, at: string, found: Evaluated): void {
  const names = new Set(questions.map(({ name }) => name))
  for (const name of Object.keys(answers).sort()) if (!names.has(name)) found.wrong.push({ path: at + name, code: 'unknown_field' })
  for (const question of questions) {
    const path = at + question.name
    let given: unknown = answers[question.name] ?? null
    known[question.name] = null
    if (calc(question.when ?? true, known) !== true) {
      if (given !== null) found.wrong.push({ path, code: 'not_asked' })
      continue
    }
    found.asked.push(path)
    if (question.type === 'note') {
      if (given !== null) found.wrong.push({ path, code: 'not_asked' })
      continue
    }
    if (question.type === 'calculated') {
      if (given !== null) found.wrong.push({ path, code: 'not_asked' })
      given = calc(['round', question.value ?? null, question.digits ?? 0], known)
      if (given === null) continue
      found.calculated[path] = given as number
    } else if (empty(given)) {
      if ((question.least ?? 0) > 0 || calc(question.required ?? false, known) === true) found.wrong.push({ path, code: 'missing' })
      continue
    } else {
      const code = unfit(question, given)
      if (code) {
        found.wrong.push({ path, code })
        continue
      }
      if (question.type === 'group') (given as Answers[]).forEach((row, position) => go(question.questions ?? [], row, { ...known }, `${path}[${position}].`, found))
    }
    known[question.name] = given
    question.limits?.forEach(({ hold, warn }, limit) => {
      if (calc(hold, known) === false) (warn ? found.warned : found.wrong).push({ path, code: 'limit', limit })
    })
  }
}

/** The code of what an answer by itself breaks. */
function unfit(question: Question, given: unknown): string | undefined {
  const { type } = question
  if (type === 'group') {
    if (!Array.isArray(given) || !given.every((row) => typeof row === 'object' && row !== null && !Array.isArray(row))) return 'type'
    return given.length >= (question.least ?? 0) && given.length <= (question.most ?? MAX_ROWS) ? undefined : 'length'
  }
  if (type === 'yes_no') return typeof given === 'boolean' ? undefined : 'type'
  if (type === 'number') {
    if (typeof given !== 'number') return 'type'
    if (!(Math.abs(given) <= MAX_NUMBER)) return 'range'
    return rounded(given, question.digits ?? 0) === given ? undefined : 'digits'
  }
  if (typeof given !== 'string') return 'type'
  if (type === 'moment') return momentOf(given) === null ? 'time' : undefined
  if (type === 'choice') return question.choices?.some(({ value }) => value === given) ? undefined : 'choice'
  return [...given].length <= MAX_TEXT ? undefined : 'length'
}

/** The answers without those that are not asked, so that they can be handed in. */
export function onlyAsked(sheet: Sheet, answers: Answers): Answers {
  return kept(sheet.questions, answers, '', new Set(evaluate(sheet, answers).asked))
}

function kept(questions: readonly Question[], answers: Answers, at: string, asked: ReadonlySet<string>): Answers {
  const all = questions.flatMap((question): [string, unknown][] => {
    const path = at + question.name
    const given = answers[question.name]
    if (!asked.has(path) || question.type === 'calculated' || question.type === 'note' || empty(given)) return []
    if (question.type !== 'group') return [[question.name, given]]
    return [[question.name, (given as Answers[]).map((row, position) => kept(question.questions ?? [], row, `${path}[${position}].`, asked))]]
  })
  return Object.fromEntries(all)
}

// --- expressions ------------------------------------------------------------------------------------------

/** The value of an expression; null where something that it needs is not answered. */
export function calc(expression: Expression, known: Answers): unknown {
  if (typeof expression === 'string' && expression.startsWith('$')) return known[expression.slice(1)] ?? null
  if (!Array.isArray(expression)) return expression
  const [name, ...args] = expression as [string, ...Expression[]]
  return OPERATORS[name]!(args, known)
}

type Operator = (args: readonly Expression[], known: Answers) => unknown

const numeric = (value: unknown) => (typeof value === 'number' ? value : null)

function ofNumbers(step: (one: number, other: number) => number | boolean): Operator {
  return ([first, ...rest], known) => {
    let total: number | boolean | null = numeric(calc(first!, known))
    for (const arg of rest) {
      const value = numeric(calc(arg, known))
      if (typeof total !== 'number' || value === null) return null
      total = step(total, value)
    }
    return typeof total === 'number' && !Number.isFinite(total) ? null : total
  }
}

const equal: Operator = ([one, other], known) => {
  const [first, second] = [calc(one!, known), calc(other!, known)]
  return typeof first === typeof second && ['boolean', 'string', 'number'].includes(typeof first) ? first === second : null
}
const opposite = (value: unknown) => (typeof value === 'boolean' ? !value : null)

/** `or` is decided by a true, `and` by a false; without one, a null leaves it open. */
function kleene(decides: boolean): Operator {
  return (args, known) => {
    const values = args.map((arg) => calc(arg, known))
    if (values.includes(decides)) return decides
    return values.every((value) => typeof value === 'boolean') ? !decides : null
  }
}

/** Half away from zero, in steps that Python's numbers take alike. */
function rounded(value: number, digits: number): number {
  const scale = 10 ** digits
  return (Math.sign(value) * Math.floor(Math.abs(value) * scale + 0.5)) / scale + 0
}

const MOMENT = /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/

/** RFC 3339 to the millisecond, as ms since 1970; null for what both languages would not read alike. */
function momentOf(text: string): number | null {
  const found = MOMENT.exec(text)
  if (!found) return null
  const [year, month, day] = [Number(found[1]), Number(found[2]), Number(found[3])]
  const there = new Date(Date.UTC(year, month - 1, day))
  const ms = Date.parse(text)
  return year === 0 || there.getUTCMonth() !== month - 1 || there.getUTCDate() !== day || Number.isNaN(ms) ? null : ms
}

const minutes: Operator = ([from, to], known) => {
  const [first, second] = [calc(from!, known), calc(to!, known)].map((value) => (typeof value === 'string' ? momentOf(value) : null))
  return typeof first === 'number' && typeof second === 'number' ? (second - first) / 1000 / 60 : null
}

/** The second expression in each row of the group: it sees the row's answers, then those outside. */
function overRows([group, each]: readonly Expression[], known: Answers): unknown[] {
  const rows = calc(group!, known)
  return Array.isArray(rows) ? rows.map((row: Answers) => calc(each!, { ...known, ...row })) : []
}

const OPERATORS: Record<string, Operator> = {
  '==': equal,
  '!=': (args, known) => opposite(equal(args, known)),
  '<': ofNumbers((one, other) => one < other),
  '<=': ofNumbers((one, other) => one <= other),
  '>': ofNumbers((one, other) => one > other),
  '>=': ofNumbers((one, other) => one >= other),
  and: kleene(false),
  or: kleene(true),
  not: ([arg], known) => opposite(calc(arg!, known)),
  '+': ofNumbers((one, other) => one + other),
  '-': ofNumbers((one, other) => one - other),
  '*': ofNumbers((one, other) => one * other),
  '/': ofNumbers((one, other) => (other === 0 ? Number.NaN : one / other)),
  round: ([arg, digits], known) => {
    const value = numeric(calc(arg!, known))
    return value === null ? null : rounded(value, digits as number)
  },
  minutes,
  answered: ([arg], known) => !empty(calc(arg!, known)),
  count: (args, known) => overRows(args, known).filter((value) => value === true).length,
  sum: (args, known) => overRows(args, known).reduce<number>((total, value) => total + (numeric(value) ?? 0), 0),
}
