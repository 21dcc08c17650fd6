/** A condition as a sentence, in Chinese and in English, whatever the form can express of it. Pure. */
import type { Expression, Question, Words } from '@/domain/sheet/evaluate'

export type Language = keyof Words

interface Said {
  compare: Record<string, string>
  calc: Record<string, string>
  and: string
  or: string
  yes: string
  no: string
  nothing: string
  quote: (text: string) => string
  not: (text: string) => string
  answered: (text: string) => string
  unanswered: (text: string) => string
  minutes: (from: string, to: string) => string
  round: (value: string, digits: string) => string
  count: (group: string, when: string) => string
  sum: (group: string, value: string) => string
}

const SAID: Record<Language, Said> = {
  zh: {
    compare: { '==': '等于', '!=': '不等于', '<': '小于', '<=': '不大于', '>': '大于', '>=': '不小于' },
    calc: { '+': '加', '-': '减', '*': '乘以', '/': '除以' },
    and: '，并且', or: '，或者', yes: '是', no: '否', nothing: '（未填）',
    quote: (text) => `「${text}」`,
    not: (text) => `并非（${text}）`,
    answered: (text) => `${text}已填写`,
    unanswered: (text) => `${text}没有填写`,
    minutes: (from, to) => `从${from}到${to}的分钟数`,
    round: (value, digits) => `${value}（保留 ${digits} 位小数）`,
    count: (group, when) => `${group}中满足（${when}）的个数`,
    sum: (group, value) => `${group}中${value}的合计`,
  },
  en: {
    compare: { '==': 'is', '!=': 'is not', '<': 'is less than', '<=': 'is at most', '>': 'is more than', '>=': 'is at least' },
    calc: { '+': 'plus', '-': 'minus', '*': 'times', '/': 'divided by' },
    and: ' and ', or: ' or ', yes: 'yes', no: 'no', nothing: '(nothing)',
    quote: (text) => `“${text}”`,
    not: (text) => `it is not so that (${text})`,
    answered: (text) => `${text} is answered`,
    unanswered: (text) => `${text} is not answered`,
    minutes: (from, to) => `the minutes from ${from} to ${to}`,
    round: (value, digits) => `${value} (to ${digits} decimal places)`,
    count: (group, when) => `the number in ${group} for which (${when})`,
    sum: (group, value) => `the sum in ${group} of ${value}`,
  },
}

type Known = ReadonlyMap<string, Question>

/** Every question by its name, those inside groups too. */
export function named(questions: readonly Question[]): Known {
  return new Map(questions.flatMap((one) => [[one.name, one] as const, ...named(one.questions ?? [])]))
}

const textOf = (words: Partial<Words> | undefined, language: Language) => (language === 'zh' ? words?.zh || words?.en : words?.en || words?.zh) ?? ''

/** The sentence without its full stop; `known`: the questions that it may name. */
export function say(expression: Expression, known: Known, language: Language): string {
  return saying(expression, known, language, undefined)
}

function saying(expression: Expression, known: Known, language: Language, beside: Question | undefined): string {
  const said = SAID[language]
  const go = (one: Expression | undefined, question?: Question) => saying(one ?? null, known, language, question)
  if (expression === null || expression === '') return said.nothing
  if (typeof expression === 'boolean') return expression ? said.yes : said.no
  if (typeof expression === 'number') return String(expression)
  if (typeof expression === 'string') {
    if (expression.startsWith('$')) return said.quote(textOf(known.get(expression.slice(1))?.text, language) || expression.slice(1) || '…')
    const choice = beside?.choices?.find(({ value }) => value === expression)
    return said.quote(choice ? textOf(choice.text, language) || expression : expression)
  }
  const [operator, first, second] = expression
  const rest = expression.slice(1)
  if (operator === 'and' || operator === 'or') {
    const bracket = (one: Expression) => (Array.isArray(one) && (one[0] === 'and' || one[0] === 'or') && one[0] !== operator ? (language === 'zh' ? `（${go(one)}）` : `(${go(one)})`) : go(one))
    return rest.map(bracket).join(said[operator])
  }
  if (operator === 'not') return Array.isArray(first) && first[0] === 'answered' ? said.unanswered(go(first[1] as Expression)) : said.not(go(first))
  if (operator === 'answered') return said.answered(go(first))
  if (operator === 'minutes') return said.minutes(go(first), go(second))
  if (operator === 'round') return said.round(go(first), go(second))
  if (operator === 'count') return said.count(go(first), go(second))
  if (operator === 'sum') return said.sum(go(first), go(second))
  const space = language === 'zh' ? '' : ' '
  const name = typeof operator === 'string' ? operator : ''
  const question = typeof first === 'string' && first.startsWith('$') ? known.get(first.slice(1)) : undefined
  if (said.compare[name]) return `${go(first)}${space}${said.compare[name]}${language === 'zh' && typeof second === 'number' ? ' ' : space}${go(second, question)}`
  if (said.calc[name]) return rest.map((one) => go(one)).join(` ${said.calc[name]} `)
  return JSON.stringify(expression)
}
