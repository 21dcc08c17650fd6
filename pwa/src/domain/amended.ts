/** What an amendment changed, in words: the value of before and that of now. */
import type { Entry } from '@/api/kinds'
import { t } from '@/app/i18n'
import type { Rec } from '@/sync/records'

import { fieldName, fieldValue, type Words } from './facts'

export function amendedLines(record: Rec, entry: Entry, words: Words): string[] {
  const { changes, before } = (entry.data ?? {}) as { changes?: Record<string, unknown>; before?: Record<string, unknown> }
  if (entry.type !== 'amend' || !changes) return []
  const value = (field: string, of: unknown) => (field === 'photos' ? t('record.photos', { n: Array.isArray(of) ? of.length : 0 }) : fieldValue(record, field, of, words).replaceAll('\n', '，'))
  return Object.keys(changes).map((field) =>
    t('record.amend_line', { field: fieldName(record, field, words), before: value(field, before?.[field]), after: value(field, changes[field]) }),
  )
}
