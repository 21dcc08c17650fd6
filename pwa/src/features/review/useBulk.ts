/** The group being accepted together on this page: chosen, drawn, looked at, sent. */
import { computed, ref } from 'vue'

import type { KindName } from '@/api/kinds'

import { chance, draw, progress, sampleSize, type Stage } from './bulk'

interface Group {
  kind: KindName
  title: string
  members: { id: string; title: string }[]
  ids: string[]
  sample: string[]
}

/** `decidedAs`: what was decided on a record so far, also while it is held; undefined while it waits. */
export function useBulk(decidedAs: (id: string) => string | undefined, pct: () => number) {
  const group = ref<Group>()
  let ended: Group | undefined
  const at = computed(() => (group.value && group.value.sample.length > 0 ? progress(group.value.sample, decidedAs) : undefined))
  const rest = computed(() => {
    const it = group.value
    return it ? it.ids.filter((id) => !it.sample.includes(id) && decidedAs(id) === undefined) : []
  })
  return {
    group,
    rest,
    stage: computed<Stage>(() => at.value?.stage ?? 'choose'),
    accepted: computed(() => at.value?.accepted ?? 0),
    /** The next of the sample to be looked at. */
    next: computed(() => at.value?.next),
    begin(kind: KindName, title: string, members: Group['members']): void {
      group.value = { kind, title, members, ids: [], sample: [] }
    },
    draw(ids: string[]): void {
      if (group.value) group.value = { ...group.value, ids, sample: draw(ids, sampleSize(ids.length, pct()), chance) }
    },
    end(): void {
      ended = group.value
      group.value = undefined
    },
    /** What was sent off was taken back: the group stands as it was before. */
    restore(): void {
      group.value = ended
    },
  }
}
