/** Answers to a sheet in words, for whoever reads them. */
import { pick, t } from '@/app/i18n'
import type { Names } from '@/domain/names'
import { exact } from '@/ui/when'

import { type Answers, evaluate, type Question, type Sheet } from './evaluate'

/** Name and value of each answer in order, calculated ones too; a group's rows are numbered. */
export function sheetRows(sheet: Sheet, answers: Answers, names: Names): [string, string][] {
  const { calculated } = evaluate(sheet, answers)
  return sheet.questions.flatMap((question): [string, string][] => {
    const given = question.type === 'calculated' ? calculated[question.name] : answers[question.name]
    if (question.type !== 'group') return [[textOf(question), answerText(question, given, names)]]
    if (!Array.isArray(given)) return []
    return given.map((row: Answers, position): [string, string] => [
      `${textOf(question)} ${position + 1}`,
      (question.questions ?? []).flatMap((inner) => { const said = answerText(inner, row[inner.name], names); return said ? [`${textOf(inner)} ${said}`] : [] }).join('\n'),
    ])
  })
}

export const textOf = (of: { text: { zh: string; en: string } }) => pick(of.text.zh, of.text.en)

/** One answer with its unit. */
export function answerText(question: Question, given: unknown, names: Names): string {
  if (given === undefined || given === null || given === '') return ''
  if (typeof given === 'boolean') return t(given ? 'record.yes' : 'record.no')
  if (typeof given === 'number') return `${String(given).replace('-', '−')} ${question.unit ? pick(question.unit.zh, question.unit.en) : ''}`.trim()
  const text = String(given)
  if (question.type === 'moment') return exact(text)
  if (question.type === 'choice') return pick(...choiceText(question, text))
  if (question.from?.kind === 'equipment' && !question.from.field) return names.equipment.value.get(text)?.name ?? text
  if (question.from?.kind === 'meter_box' && !question.from.field) return names.boxes.value.get(text)?.code ?? text
  return text
}

function choiceText(question: Question, value: string): [string, string] {
  const choice = question.choices?.find((one) => one.value === value)
  return choice ? [choice.text.zh, choice.text.en] : [value, value]
}

/** What people call the question at a path of the answers, such as `seals[1].number`; undefined for none of the sheet. */
export function questionText(sheet: Sheet, path: string): string | undefined {
  const [, name, row, inner] = /^([^.[]+)(?:\[(\d+)\])?(?:\.(.+))?$/.exec(path) ?? []
  const question = sheet.questions.find((one) => one.name === name)
  if (!question) return undefined
  const within = question.questions?.find((one) => one.name === inner)
  return [row === undefined ? textOf(question) : `${textOf(question)} ${Number(row) + 1}`, within && textOf(within)].filter(Boolean).join(' · ')
}
