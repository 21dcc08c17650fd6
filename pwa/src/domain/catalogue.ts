/** Texts of the catalogues that decisions name by code. Loaded when first asked for; codes stand in until then. */
import { computed, getCurrentScope, type Ref, shallowRef } from 'vue'

import type { Bodies } from '@/api/kinds'
import { pick } from '@/app/i18n'
import { type Rec, useRecords } from '@/sync/records'

import { type ChecklistContent, contentOf, type FormContent, sheetOf } from './editions'
import type { Sheet } from './sheet/evaluate'

interface Text {
  zh: string
  en: string
}
export interface ChecklistItem {
  code: string
  text: Text
  severity: number
  default_points: number
}
export interface HazardItem {
  code: string
  text: Text
  severity: number
  immediate_control: boolean
  photo_views: string[]
}

const items = shallowRef(new Map<string, ChecklistItem>())
const hazards = shallowRef(new Map<string, HazardItem>())
const goals = shallowRef<Record<string, Text>>({})
const sheets = shallowRef<readonly Sheet[]>([])
const byCode = <T extends { code: string }>(list: T[]) => new Map(list.map((item) => [item.code, item]))
let loading: Promise<void> | undefined
let loadingSheets: Promise<void> | undefined

async function load(): Promise<void> {
  const [checklist, boxes] = await Promise.all([
    import('@catalogue/checklist.json'),
    import('@catalogue/meter_box_hazards.json'),
  ])
  items.value = byCode<ChecklistItem>(checklist.default.items)
  goals.value = checklist.default.goals
  hazards.value = byCode<HazardItem>(boxes.default.items)
}

function loaded<T>(texts: T): T {
  loading ??= load()
  return texts
}

async function loadSheets(): Promise<void> {
  sheets.value = (await import('@catalogue/sheets.json')).default.sheets as unknown as Sheet[]
}

export function useCatalogue() {
  const scope = getCurrentScope()
  let read: Ref<Rec<'edition'>[] | undefined> | undefined
  /** What the company published, read when a page first asks for it. */
  const editions = computed(() => {
    read ??= scope?.run(() => useRecords('edition'))
    return read?.value ?? []
  })
  const published = computed(() => editions.value.filter(({ data }) => data.part === 'checklist').map(({ data }) => data.content as unknown as ChecklistContent))
  const item = (code: string | undefined): ChecklistItem | undefined => (code ? (loaded(items).value.get(code) ?? published.value.flatMap((one) => one.items).find((one) => one.code === code)) : undefined)
  const hazard = (code: string) => loaded(hazards).value.get(code)
  return {
    item,
    hazard,
    /** The sheet in the version that a record names. */
    sheet(of: { id: string; version: number } | null | undefined): Sheet | undefined {
      if (of) loadingSheets ??= loadSheets()
      return of ? [...sheets.value, ...published.value.flatMap((one) => one.sheets)].find(({ id, version }) => id === of.id && version === of.version) : undefined
    },
    /** The questions of a form in the edition that its record names. */
    form(record: Partial<Bodies['form']>): Sheet | undefined {
      const content = contentOf<FormContent>(editions.value, `form.${record.form}`, record.edition)
      return content && sheetOf(record.form!, content)
    },
    itemText(code: string | undefined): string {
      const found = item(code)
      return found ? pick(found.text.zh, found.text.en) : (code ?? '')
    },
    /** The name of one of the seven zeros, Z1 to Z7. */
    goalText(code: string | undefined): string {
      const found = code ? loaded(goals).value[code] : undefined
      return found ? pick(found.zh, found.en) : (code ?? '')
    },
    hazardText(code: string): string {
      const found = hazard(code)
      return found ? pick(found.text.zh, found.text.en) : code
    },
  }
}
