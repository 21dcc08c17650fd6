/**
 * Words of the screens. Each feature brings `zh-CN.ts` (export `zhCN`) and `en.ts` (export `en`, which
 * `satisfies typeof zhCN`), found here under the feature's name; so does the desk's frame. English is loaded when it is chosen.
 */
import { createI18n } from 'vue-i18n'

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

export const i18n = createI18n({
  legacy: false,
  locale: 'zh-CN' as Language,
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': { ...zhCN, ...byFeature(chinese) } as Words },
  missingWarn: false,
  fallbackWarn: false,
})

const late: Words[] = []

/** Words that say the same each time, by their key: a list asks for the same ones in every row, and finding them takes a while. */
const found = new Map<string, string>()
let foundIn: Language | undefined

/** Words that come with a page of the desk, from a folder `late/`, and are no part of the first page. */
export function addWords(feature: string, zhCN: Words, en: Words): void {
  i18n.global.mergeLocaleMessage('zh-CN', { [feature]: zhCN })
  late.push({ [feature]: en })
  found.clear()
  if (i18n.global.availableLocales.includes('en' as never)) i18n.global.mergeLocaleMessage('en', { [feature]: en })
}

/**
 * The words for `key`, e.g. `infrared.title`; follows the language when used in a template. English may have two
 * forms, `{n} point | {n} points`, chosen by `n`, or by `points` where there is no `n`.
 */
export function t(key: string, values?: Record<string, unknown>): string {
  if (!values) return plain(key)
  const count = values.n ?? values.points
  return typeof count === 'number' ? i18n.global.t(key, values, count) : i18n.global.t(key, values)
}

function plain(key: string): string {
  const spoken = language()
  if (spoken !== foundIn) found.clear()
  foundIn = spoken
  const known = found.get(key)
  if (known !== undefined) return known
  const words = asWritten(spoken, key) ?? i18n.global.t(key)
  if (words !== key) found.set(key, words) // else they may come yet, with a page
  return words
}

/** Words without gaps and forms are what they are: vue-i18n would compile each at its first use, a tenth of a start's work. */
function asWritten(spoken: Language, key: string): string | undefined {
  let words: Words | string | undefined = i18n.global.getLocaleMessage(spoken) as Words
  for (const part of key.split('.')) words = typeof words === 'object' ? words[part] : undefined
  return typeof words === 'string' && !/[{}@|]/.test(words) ? words : undefined
}

/** Whether words exist for `key`. */
export function has(key: string): boolean {
  return i18n.global.te(key, 'zh-CN')
}

/** Words for a problem's code, with a sentence for codes this build does not know. */
export function problemText(code: string, values: Record<string, unknown> = {}): string {
  return has(`problem.${code}`) ? t(`problem.${code}`, values) : t('problem.unknown', { code })
}

export function language(): Language {
  return i18n.global.locale.value as Language
}

/** Picks one of two texts that come as data (catalogues) by the language. */
export function pick(zh: string, en: string | null | undefined): string {
  return language() === 'en' && en ? en : zh
}

/** The words of a language from here on, without telling anybody else. */
export async function speak(wanted: Language): Promise<void> {
  if (wanted === 'en' && !i18n.global.availableLocales.includes('en' as never)) {
    const { words } = await import('./locales/english')
    i18n.global.setLocaleMessage('en', Object.assign(words, ...late) as never)
  }
  i18n.global.locale.value = wanted as 'zh-CN' // the type knows only what is loaded at first
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
