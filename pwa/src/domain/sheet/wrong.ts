/** What an answer breaks, in words. */
import { pick, t } from '@/app/i18n'

import type { Question, Sheet, Wrong } from './evaluate'
import { textOf } from './rows'

export function wrongText(sheet: Sheet, wrong: Wrong): string {
  const question = questionAt(sheet, wrong.path)
  const limit = question?.limits?.[wrong.limit ?? -1]
  if (limit) return pick(limit.text.zh, limit.text.en)
  const name = question ? textOf(question) : wrong.path
  return t(wrong.code === 'missing' ? 'checks.sheet.missing' : 'checks.sheet.unfit', { name })
}

function questionAt(sheet: Sheet, path: string): Question | undefined {
  const [name, inner] = path.replace(/\[\d+\]/, '').split('.')
  const question = sheet.questions.find((one) => one.name === name)
  return inner ? question?.questions?.find((one) => one.name === inner) : question
}
