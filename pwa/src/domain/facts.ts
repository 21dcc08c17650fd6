/** What was recorded, field by field, with its name and its value in words. */
import type { Bodies, Facts } from '@/api/kinds'
import { pick, t } from '@/app/i18n'
import type { Rec } from '@/sync/records'
import { exact } from '@/ui/when'

import type { useCatalogue } from './catalogue'
import type { Rules } from './infrared/rules'
import type { Names } from './names'
import { zeroOf } from './zero'
import type { Answers } from './sheet/evaluate'
import { questionText, sheetRows } from './sheet/rows'

export type Recorded = 'infrared' | 'hazard' | 'finding' | 'form' | 'defect' | 'equipment' | 'meter_box'
export interface FactRow {
  field: string
  name: string
  value: string
}
export interface Words {
  names: Names
  catalogue: ReturnType<typeof useCatalogue>
  rules?: Rules | undefined
}

const amount = (value: number | null | undefined, unit: string) => (typeof value === 'number' ? `${String(value).replace('-', '−')} ${unit}`.trim() : '')
export const degrees = (value: number | null | undefined) => (typeof value === 'number' ? `${value.toFixed(1).replace('-', '−')} °C` : '')
const moment = (at: string | null | undefined) => (at ? exact(at) : '')
/** Field, name, value. */
type Row = [string, string, string]
/** Where an issue in an answer to a sheet is. */
const ANSWERS = 'sheet.answers.'
const FORM_ANSWERS = 'answers.'
const MODIFIERS = ['complaint', 'self_reported', 'false_evidence'] as const

/** All fields of the record's kind in their order; `value` is empty where there is none. `field` may stand twice. */
export function factRows(record: Rec, { names, catalogue, rules }: Words): FactRow[] {
  const d = record.data as Partial<Bodies['infrared'] & Bodies['hazard'] & Bodies['finding'] & Bodies['defect']>
  const thing = record.data as Partial<Bodies['equipment'] & Bodies['meter_box']>
  const facts = record.facts as Partial<Facts<'infrared'> & Facts<'hazard'> & Facts<'defect'>>
  const sheetOf = (filled: Bodies['finding']['sheet']) => {
    const sheet = catalogue.sheet(filled)
    return filled && sheet ? sheetRows(sheet, filled.answers as Answers, names) : []
  }
  const formRows = () => {
    const filled = record.data as Partial<Bodies['form']>
    const sheet = catalogue.form(filled)
    return sheet ? sheetRows(sheet, (filled.answers ?? {}) as Answers, names) : []
  }
  const part = () => {
    const row = [...(rules?.current.rows ?? []), ...(rules?.voltage.rows ?? [])].find(({ id }) => id === d.row)
    return row ? pick(row.equipment.zh, row.equipment.en) : (d.row ?? '')
  }
  const zero = (): Row => ['zero', t('record.zero'), catalogue.goalText(zeroOf(record.kind, record.facts))]
  const all: Record<Recorded, () => Row[]> = {
    infrared: () => [
      ['taken_at', t('infrared.taken_at'), moment(d.taken_at)],
      ['row', t('infrared.row'), part()],
      ...(d.points ?? []).map(({ label, temp_c: c }): Row => ['points', label, degrees(c)]),
      ['ambient_c', t('infrared.ambient'), degrees(d.ambient_c)],
      ['load_a', t('infrared.load'), amount(d.load_a, 'A')],
      ['rated_a', t('infrared.rated'), amount(d.rated_a, 'A')],
      ['emissivity', t('infrared.emissivity'), amount(d.emissivity, '')],
      ['distance_m', t('infrared.distance'), amount(d.distance_m, 'm')],
      ['humidity_pct', t('infrared.humidity'), amount(d.humidity_pct, '%')],
      ['wind_m_s', t('infrared.wind'), amount(d.wind_m_s, 'm/s')],
      ['weather', t('infrared.weather'), d.weather ? t(`infrared.weathers.${d.weather}`) : ''],
      ['camera', t('infrared.camera'), d.camera ?? ''],
      ['note', t('infrared.note'), d.note ?? ''],
    ],
    hazard: () => [
      ['found_at', t('meterbox.found_at'), moment(d.found_at)],
      ['items', t('meterbox.items'), (d.items ?? []).map((code) => `${code} ${catalogue.hazardText(code)}`).join('\n')],
      ['ownership', t('meterbox.ownership'), d.ownership ? t(`meterbox.ownerships.${d.ownership}`) : ''],
      ['deadline_at', t('meterbox.deadline'), moment(facts.deadline_at)],
      ['controlled', t('meterbox.controlled'), d.controlled ? t('record.yes') : facts.control_needed ? t('record.no') : ''],
      ['note', t('meterbox.note'), d.note ?? ''],
    ],
    finding: () => [
      ['happened_at', t('checks.happened_at'), moment(d.happened_at)],
      ['visit', t('checks.visit'), d.visit ? t(`checks.visits.${d.visit}`) : ''],
      ['place', t('checks.place'), d.place ?? ''],
      ['item', t('checks.item'), d.item ? `${d.item} ${catalogue.itemText(d.item)}` : ''],
      zero(),
      ...sheetOf(d.sheet).map(([name, value]): Row => ['sheet', name, value]),
      ['person', t('checks.person'), names.person(d.person)],
      ['fact', t('checks.fact'), d.fact ?? ''],
      ['modifiers', t('checks.modifiers'), MODIFIERS.filter((mark) => d[mark]).map((mark) => t(`checks.${mark}`)).join('\n')],
    ],
    form: () => [
      ['happened_at', t('checks.happened_at'), moment(d.happened_at)],
      ['place', t('checks.place'), d.place ?? ''],
      ...formRows().map(([name, value]): Row => ['answers', name, value]),
      ['note', t('record.form_note'), d.note ?? ''],
    ],
    equipment: () => [
      ['code', t('find.facts.code'), thing.code ?? ''],
      ['name', t('find.facts.name'), thing.name ?? ''],
      ['line', t('find.facts.line'), thing.line ?? ''],
      ['area_name', t('find.facts.area'), thing.area_name ?? ''],
      ['type', t('find.facts.type'), thing.type ? t(`find.types.${thing.type}`) : ''],
      ['row', t('infrared.row'), part()],
      ['voltage_kv', t('find.facts.voltage'), amount(thing.voltage_kv, 'kV')],
      ['rated_a', t('find.facts.rated'), amount(thing.rated_a, 'A')],
      ['owner', t('find.facts.owner'), names.person(thing.owner)],
      ['lat', t('find.facts.lat'), amount(thing.lat, '°')],
      ['lon', t('find.facts.lon'), amount(thing.lon, '°')],
    ],
    meter_box: () => [
      ['code', t('find.facts.code'), thing.code ?? ''],
      ['area_name', t('find.facts.area'), thing.area_name ?? ''],
      ['address', t('find.facts.address'), thing.address ?? ''],
      ['material', t('find.facts.material'), thing.material ? t(`meterbox.material.${thing.material}`) : ''],
      ['positions', t('find.facts.positions'), amount(thing.positions, '')],
      ['ownership', t('find.facts.ownership'), thing.ownership ? t(`meterbox.ownerships.${thing.ownership}`) : ''],
      ['owner', t('find.facts.owner'), names.person(thing.owner)],
      ['seal', t('find.facts.seal'), thing.seal ?? ''],
      ['lat', t('find.facts.lat'), amount(thing.lat, '°')],
      ['lon', t('find.facts.lon'), amount(thing.lon, '°')],
    ],
    defect: () => [
      ['opened_at', t('record.opened_at'), moment(d.opened_at)],
      ['deadline_at', t('record.deadline'), moment(d.deadline_at)],
      zero(),
      ['owner', t('record.owner'), names.person(d.owner)],
    ],
  }
  const unit: Row = ['unit', t(record.kind === 'finding' ? 'checks.unit' : 'record.unit'), names.unit(d.unit)]
  return [unit, ...(all[record.kind as Recorded]?.() ?? [])].map(([field, name, value]) => ({ field, name, value }))
}

/** What people call a field. */
export function fieldName(record: Rec, field: string, words: Words): string {
  if (field === 'points') return t('infrared.steps.points')
  if (field === 'answers') return t('checks.sheet.title')
  if (field === 'sheet') return t('checks.sheet.title')
  if (field === 'signature') return t('checks.signature.title')
  if (field === 'practice') return t('record.practice')
  const form = field.startsWith(FORM_ANSWERS) && record.kind === 'form' ? words.catalogue.form(record.data as Partial<Bodies['form']>) : undefined
  if (form) return questionText(form, field.slice(FORM_ANSWERS.length)) ?? field
  const filled = (record.data as Partial<Bodies['finding']>).sheet
  const question = field.startsWith(ANSWERS) && filled ? words.catalogue.sheet(filled) : undefined
  if (question) return questionText(question, field.slice(ANSWERS.length)) ?? field
  if (field === 'equipment') return t('infrared.equipment')
  if (field === 'meter_box') return t('meterbox.box')
  if (field === 'photos') return t('record.photos_name')
  if ((MODIFIERS as readonly string[]).includes(field)) return t(`checks.${field}`)
  return factRows(record, words).find((row) => row.field === field)?.name ?? field
}

/** The value that a field would have, in words; several rows of one field in a line each. */
export function fieldValue(record: Rec, field: string, value: unknown, words: Words): string {
  if (value === null || value === undefined || value === '') return '–'
  if (field === 'equipment') return words.names.equipment.value.get(String(value))?.name ?? String(value)
  if (field === 'meter_box') return words.names.boxes.value.get(String(value))?.code ?? String(value)
  if (field === 'signature') return (value as NonNullable<Bodies['finding']['signature']>).name
  if (typeof value === 'boolean') return t(value ? 'record.yes' : 'record.no')
  const rows = factRows({ ...record, data: { ...record.data, [field]: value } } as Rec, words).filter((row) => row.field === field && row.value)
  return rows.map((row) => (['points', 'sheet', 'answers'].includes(field) ? `${row.name} ${row.value}` : row.value)).join('\n') || String(value)
}
