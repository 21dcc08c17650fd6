/** What the place of a remark is called. */
import type { PhotoRef } from '@/api/kinds'
import { has, t } from '@/app/i18n'
import { fieldName, type Words } from '@/domain/facts'
import type { Rec } from '@/sync/records'

import type { Remark } from './remarks'

export function placeName(record: Rec, remark: Remark, photos: readonly PhotoRef[], words: Words): string {
  if (!remark.photo) return nameOf(record, remark.field ?? '', words)
  const role = photos.find(({ sha256 }) => sha256 === remark.photo)?.role
  return role ? t(`record.role.${role}`) : t('returns.photo_gone')
}

export function nameOf(record: Rec, field: string, words: Words): string {
  if (record.kind === 'repair' && field !== 'photos' && has(`repair.${field}`)) return t(`repair.${field}`)
  return fieldName(record, field, words)
}
