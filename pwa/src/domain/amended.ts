/** What an amendment changed, in words: the value of before and that of now. */
import type { Entry } from '@/api/kinds'
import { t } from '@/app/i18n'
import type { Rec } from '@/sync/records'

import { degrees, fieldName, fieldValue, type Words } from './facts'
import { SAID, stepsOf } from './repair/steps'

export function amendedLines(record: Rec, entry: Entry, words: Words): string[] {
  const { changes, before } = (entry.data ?? {}) as { changes?: Record<string, unknown>; before?: Record<string, unknown> }
  if (entry.type !== 'amend') return []
  if (!changes) return stepLines(record, entry)
  const line = (field: string, of: unknown, now: unknown) => t('record.amend_line', { field, before: of || '–', after: now || '–' })
  return Object.entries(changes).flatMap(([field, now]) => {
    const was = before?.[field]
    if (field === 'photos') return [t('record.amend_more', { what: fieldName(record, field, words), n: count(now) - count(was) })]
    if (field === 'points') return pointLines(was as Points, now as Points).map(([label, then, after]) => line(label, then, after))
    const said = (value: unknown) => fieldValue(record, field, value, words).replaceAll('\n', t('record.and'))
    return [line(fieldName(record, field, words), said(was), said(now))]
  })
}

type Points = readonly { label: string; temp_c: number }[] | null | undefined
const count = (of: unknown) => (Array.isArray(of) ? of.length : 0)

/** The points that differ: label, temperature before and after; '' where there was or is none. */
function pointLines(before: Points, after: Points): [string, string, string][] {
  const of = (points: Points, label: string) => degrees(points?.find((point) => point.label === label)?.temp_c)
  const labels = new Set([...(before ?? []), ...(after ?? [])].map(({ label }) => label))
  return [...labels].map((label): [string, string, string] => [label, of(before, label), of(after, label)]).filter(([, was, now]) => was !== now)
}

/** The same for a step of a repair, whose first words stand in an entry of their own. */
function stepLines(record: Rec, entry: Entry): string[] {
  const step = stepsOf(record.log).find(({ amendments }) => amendments.some((one) => one.entry.id === entry.id))
  const change = step?.amendments.find((one) => one.entry.id === entry.id)
  if (!step || !change) return []
  const field = SAID[step.name as keyof typeof SAID] as string | undefined
  const words = field && change.before !== change.after ? [t('record.amend_line', { field: t(`repair.${field}`), before: change.before || '–', after: change.after })] : []
  const photos = change.added ? [t('record.amend_more', { what: t(`repair.photo.${step.name}`), n: change.added })] : []
  return [...words, ...photos]
}
