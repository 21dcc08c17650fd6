/** Texts of the catalogues that decisions name by code. Loaded when first asked for; codes stand in until then. */
import { shallowRef } from 'vue'

import { pick } from '@/app/i18n'

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
}

const items = shallowRef(new Map<string, ChecklistItem>())
const hazards = shallowRef(new Map<string, HazardItem>())
const byCode = <T extends { code: string }>(list: T[]) => new Map(list.map((item) => [item.code, item]))
let loading: Promise<void> | undefined

async function load(): Promise<void> {
  const [checklist, boxes] = await Promise.all([
    import('@catalogue/checklist.json'),
    import('@catalogue/meter_box_hazards.json'),
  ])
  items.value = byCode<ChecklistItem>(checklist.default.items)
  hazards.value = byCode<HazardItem>(boxes.default.items)
}

export function useCatalogue() {
  loading ??= load()
  return {
    item: (code: string | undefined) => (code ? items.value.get(code) : undefined),
    hazard: (code: string) => hazards.value.get(code),
    itemText(code: string | undefined): string {
      const item = code ? items.value.get(code) : undefined
      return item ? pick(item.text.zh, item.text.en) : (code ?? '')
    },
    hazardText(code: string): string {
      const item = hazards.value.get(code)
      return item ? pick(item.text.zh, item.text.en) : code
    },
  }
}
