/** What a record is about, in words: its title, its author, its unit, its grade. */
import type { Rec } from '@/sync/records'
import type { Grade, Infrared } from '@/api/kinds'
import { t } from '@/app/i18n'
import { useCatalogue } from '@/domain/catalogue'
import { type Names, titleOf } from '@/domain/names'
import { handedInBy, type ReviewedKind } from '@/domain/reviewed'

import { gradeOfSeverity, type Reviewable } from './queue'

export type ReviewRec = { [K in ReviewedKind]: Rec<K> }[ReviewedKind]

export function gradeOf(record: ReviewRec): Grade | null {
  switch (record.kind) {
    case 'infrared':
      return record.facts.decided?.grade ?? record.facts.judgement?.grade ?? null
    case 'hazard':
      return record.facts.grade ?? null
    case 'finding':
      return gradeOfSeverity(record.facts.severity)
    case 'form':
      return null
    case 'repair':
      return record.data.grade ?? null
  }
}

export function reviewable(record: ReviewRec): Reviewable {
  return {
    id: record.id,
    kind: record.kind,
    state: record.state,
    unit: record.data.unit,
    grade: gradeOf(record),
    log: record.log,
    at: record.at,
  }
}

export const authorOf: (record: ReviewRec) => { id: string; name: string } = handedInBy

export function useTitles(names: Names) {
  const { itemText } = useCatalogue()
  function equipmentTitle(data: Partial<Infrared>): string {
    const device = data.equipment ? names.equipment.value.get(data.equipment) : undefined
    if (!device?.name) return t('review.unknown_equipment')
    return device.name
  }
  return {
    title(record: ReviewRec): string {
      switch (record.kind) {
        case 'infrared':
          return equipmentTitle(record.data)
        case 'hazard': {
          const box = record.data.meter_box ? names.boxes.value.get(record.data.meter_box) : undefined
          return box?.code ? `${box.code} ${box.area_name ?? ''}`.trim() : t('review.unknown_box')
        }
        case 'finding':
          return itemText(record.data.item)
        case 'form':
        case 'repair':
          return titleOf(record.data)
      }
    },
  }
}
