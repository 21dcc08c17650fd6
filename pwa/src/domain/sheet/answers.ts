/** Answers to a sheet while they are given. Pure. */
import type { Finding } from '@/api/kinds'

import { type Answers, MAX_ROWS, type Question, type Sheet } from './evaluate'

export type Filled = NonNullable<Finding['sheet']>

/** The newest version of the sheet that an item asks; a record that began with an older one keeps it. */
export function sheetFor(sheets: readonly Sheet[], item: string | null | undefined, begun?: { id: string; version: number } | null): Sheet | undefined {
  const own = sheets.filter(({ items }) => item && items.includes(item)).sort((a, b) => b.version - a.version)
  return own.find(({ id, version }) => id === begun?.id && version === begun.version) ?? own[0]
}

/** With the answer at `name`, or in `row` of the group `name`; an empty one is taken away. What was chosen from a list that this answer narrows is taken away too. */
export function withAnswer(questions: readonly Question[], answers: Answers, name: string, value: unknown): Answers {
  const rest = Object.fromEntries(Object.entries(answers).filter(([other]) => other !== name))
  const next: Answers = value === undefined || value === null || value === '' ? rest : { ...rest, [name]: value }
  return answers[name] === value ? next : cleared(questions, next, ({ from }) => Object.values(from?.where ?? {}).includes(name))
}

/** Without what was chosen from the register: another unit has other things. */
export function withoutRegister(sheet: Sheet, answers: Answers): Answers {
  return cleared(sheet.questions, answers, ({ type }) => type === 'register')
}

function cleared(questions: readonly Question[], answers: Answers, gone: (question: Question) => boolean): Answers {
  const kept = questions.flatMap((question): [string, unknown][] => {
    const given = answers[question.name]
    if (given === undefined || gone(question)) return []
    return [[question.name, question.type === 'group' && Array.isArray(given) ? given.map((row: Answers) => cleared(question.questions ?? [], row, gone)) : given]]
  })
  return Object.fromEntries(kept)
}

/** With one row more, as long as there may be one. */
export function withRow(question: Question, rows: readonly Answers[]): Answers[] {
  return rows.length < (question.most ?? MAX_ROWS) ? [...rows, {}] : [...rows]
}

export interface Before {
  id: string
  author: string | null
  at: string
  data: Partial<Finding>
}

/** What I last answered to this sheet's questions: in this unit, else anywhere. Only for questions that offer it. */
export function lastAnswers(records: readonly Before[], sheet: Sheet, now: { id: string; me: string; unit?: string | null | undefined }): Answers {
  const mine = records.filter(({ id, author, data }) => id !== now.id && author === now.me && data.sheet?.id === sheet.id).sort((a, b) => (a.at < b.at ? 1 : -1))
  const [here, other] = [mine.filter(({ data }) => data.unit === now.unit), mine.filter(({ data }) => data.unit !== now.unit)]
  const answer = (name: string) => [...here, ...other].map(({ data }) => (data.sheet!.answers as Answers)[name]).find((value) => value !== undefined)
  return Object.fromEntries(sheet.questions.filter(({ last }) => last).flatMap(({ name }) => { const value = answer(name); return value === undefined ? [] : [[name, value]] }))
}
