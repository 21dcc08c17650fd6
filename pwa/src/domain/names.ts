/** Names for the ids in records: units, people, equipment and meter boxes as this machine knows them. */
import { computed, type ComputedRef, getCurrentScope, type Ref } from 'vue'

import type { Bodies, KindName } from '@/api/kinds'
import { pick, t } from '@/app/i18n'
import { findRecords } from '@/sync/passing'
import { type Rec, useLive, useRecords } from '@/sync/records'

/** Read when a page first asks for a name of this kind: the register has a thousand rows, most pages name none of them. */
function useMap<K extends KindName>(kind: K) {
  const scope = getCurrentScope()
  let records: Ref<Rec<K>[] | undefined> | undefined
  return computed(() => {
    records ??= scope?.run(() => useRecords(kind))
    return new Map((records?.value ?? []).map((record) => [record.id, record.data as Partial<Bodies[K]>]))
  })
}

/** What the register says of a few things, by their ids: a phone's register has thousands of rows, its list of cards names thirty. */
export function useThings(ids: () => readonly string[]): ComputedRef<Map<string, Partial<Bodies['equipment'] & Bodies['meter_box']>>> {
  const read = useLive(async () => (ids().length > 0 ? findRecords(['equipment', 'meter_box'], ids()) : []), () => ids().join())
  return computed(() => new Map((read.value ?? []).map(({ id, data }) => [id, data as Partial<Bodies['equipment'] & Bodies['meter_box']>])))
}

/** The title of a defect or a job, in the language of the screen where the catalogue has it. */
export function titleOf(data: { title?: string | null; title_en?: string | null }): string {
  return pick(data.title ?? '', data.title_en)
}

/** Who did it, and in whose place; '' for the server. */
export function whoDid({ by_name, instead_of_name }: { by_name: string; instead_of_name?: string }): string {
  return instead_of_name ? t('app.in_place', { by: by_name, of: instead_of_name }) : by_name
}

export function useNames() {
  const units = useMap('unit')
  const people = useMap('person')
  const equipment = useMap('equipment')
  const boxes = useMap('meter_box')
  return {
    units,
    people,
    equipment,
    boxes,
    unit(id: string | null | undefined): string {
      const unit = id ? units.value.get(id) : undefined
      return unit?.name ? pick(unit.name, unit.name_en) : ''
    },
    person: (id: string | null | undefined): string => (id ? (people.value.get(id)?.name ?? '') : ''),
  }
}

export type Names = ReturnType<typeof useNames>
