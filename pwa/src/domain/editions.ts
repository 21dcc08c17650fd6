/** Published checklists and forms as they lie on this machine, and which of them holds on a day. Pure. */
import type { Rec } from '@/sync/records'

import type { Question, Sheet } from './sheet/evaluate'

interface Words {
  zh: string
  en?: string
}
export interface FormContent {
  title: Words
  hint?: Words | null
  roles: string[]
  photos?: { role: string; text: Words; least?: number }[]
  questions: Question[]
  withdrawn?: boolean
}
export interface ChecklistItem {
  code: string
  group: string
  goal: string
  text: { zh: string; en: string }
  severity: number
  default_points: number
  evidence: string[]
}
export interface ChecklistContent {
  groups: { code: string; zh: string; en?: string; goal: string | null }[]
  items: ChecklistItem[]
  sheets: Sheet[]
}
type Edition = Pick<Rec<'edition'>, 'data'>

/** The day by the company's calendar, `2026-12-01`. */
export function companyDay(at: Date): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(at)
}

/** The edition of a part that holds on a day: the one that began last, of two of one day the later. */
export function inForce<E extends Edition>(editions: readonly E[], part: string, day: string): E | undefined {
  const begun = editions.filter(({ data }) => data.part === part && (data.effective_from ?? '') <= day)
  const rank = ({ data }: E) => `${data.effective_from} ${(data.version ?? '').split('.').at(-1)!.padStart(9, '0')}`
  return begun.sort((a, b) => rank(a).localeCompare(rank(b))).at(-1)
}

/** The forms that somebody with these roles may begin on a day, by name. */
export function offered(editions: readonly Edition[], roles: readonly string[], day: string): { form: string; version: string; content: FormContent }[] {
  const parts = new Set(editions.map(({ data }) => data.part ?? '').filter((part) => part.startsWith('form.')))
  return [...parts].sort().flatMap((part) => {
    const data = inForce(editions, part, day)?.data
    const content = data?.content as unknown as FormContent | undefined
    const may = content && !content.withdrawn && content.roles.some((role) => roles.includes(role))
    return may ? [{ form: part.slice(5), version: data!.version!, content }] : []
  })
}

export function contentOf<T>(editions: readonly Edition[], part: string, version: string | undefined): T | undefined {
  return editions.find(({ data }) => data.part === part && data.version === version)?.data.content as T | undefined
}

/** A form's questions as a sheet, so that they are asked and judged like those of a checklist's item. */
export function sheetOf(form: string, content: FormContent): Sheet {
  return { id: form, version: 1, items: [], title: { zh: content.title.zh, en: content.title.en ?? '' }, questions: content.questions }
}
