/**
 * Words of the screens. Each feature brings `zh-CN.ts` (export `zhCN`) and `en.ts` (export `en`, which
 * `satisfies typeof zhCN`), found here under the feature's name; so does the desk's frame. English is loaded when it is chosen.
 */
import { ref } from 'vue'

import { setApiLanguage } from '@/api/client'

import { zhCN } from './locales/zh-CN'

export type Language = 'zh-CN' | 'en'
type Words = { [key: string]: string | Words }

const KEY = 'mingcha.language'
const chinese = import.meta.glob<Words>(['../features/*/zh-CN.ts', '../desk/zh-CN.ts'], { eager: true, import: 'zhCN' })

/** `../features/infrared/zh-CN.ts` → `infrared` */
function byFeature(modules: Record<string, Words>): Words {
  return Object.fromEntries(Object.entries(modules).map(([path, words]) => [path.split('/').at(-2)!, words]))
}

/** What the screens are in; whatever a template says with `t` follows it. */
const locale = ref<Language>('zh-CN')
const words: { 'zh-CN': Words; en?: Words } = { 'zh-CN': { ...zhCN, ...byFeature(chinese) } as Words }
const late: Words[] = []

/** Words that come with a page of the desk, from a folder `late/`, and are no part of the first page. */
export function addWords(feature: string, zhCN: Words, en: Words): void {
  merge(words['zh-CN'], { [feature]: zhCN })
  late.push({ [feature]: en })
  if (words.en) merge(words.en, { [feature]: en })
}

function merge(into: Words, from: Words): void {
  for (const [key, value] of Object.entries(from)) {
    const there = into[key]
    if (typeof value === 'object' && typeof there === 'object') merge(there, value)
    else into[key] = typeof value === 'object' ? { ...value } : value
  }
}

function found(key: string, language: Language): string | undefined {
  let at: Words | string | undefined = words[language]
  for (const part of key.split('.')) at = typeof at === 'object' ? at[part] : undefined
  return typeof at === 'string' ? at : undefined
}

/**
 * The words for `key`, e.g. `infrared.title`; follows the language when used in a template. A `{name}` in them is
 * filled with the value of that name. English may have two forms, `{n} point | {n} points`, chosen by `n`, or by
 * `points` where there is no `n`.
 */
export function t(key: string, values: Record<string, unknown> = {}): string {
  const text = found(key, locale.value) ?? found(key, 'zh-CN') ?? key
  const forms = text.split(' | ')
  const count = values.n ?? values.points
  const form = forms.length > 1 && typeof count === 'number' && count !== 1 ? forms[1]! : forms[0]!
  return form.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
}

/** Whether words exist for `key`. */
export function has(key: string): boolean {
  return found(key, 'zh-CN') !== undefined
}

/** Words for a problem's code, with a sentence for codes this build does not know. */
export function problemText(code: string, values: Record<string, unknown> = {}): string {
  return has(`problem.${code}`) ? t(`problem.${code}`, values) : t('problem.unknown', { code })
}

export function language(): Language {
  return locale.value
}

/** Picks one of two texts that come as data (catalogues) by the language. */
export function pick(zh: string, en: string | null | undefined): string {
  return language() === 'en' && en ? en : zh
}

/** The words of a language from here on, without telling anybody else. */
export async function speak(wanted: Language): Promise<void> {
  if (wanted === 'en' && !words.en) {
    const english = (await import('./locales/english')).words
    for (const one of late) merge(english, one)
    words.en = english
  }
  locale.value = wanted
}

export async function setLanguage(wanted: Language): Promise<void> {
  await speak(wanted)
  document.documentElement.lang = wanted
  setApiLanguage(wanted)
  localStorage.setItem(KEY, wanted)
}

/** The language chosen before, else the browser's. */
export function preferredLanguage(): Language {
  const chosen = localStorage.getItem(KEY)
  if (chosen === 'en' || chosen === 'zh-CN') return chosen
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en'
}
