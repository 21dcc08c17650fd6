/** The queue as it stands on the screen: steady order, filters, what is chosen, what was done today. */
import { computed, ref, watch } from 'vue'

import { useSession } from '@/app/session'
import { dayStart } from '@/domain/format'
import { isOwn, REVIEWED, waits } from '@/domain/reviewed'
import { useHeld } from '@/desk/held'
import { useLooks } from '@/desk/looks'
import { useRecords } from '@/sync/records'
import { useSync } from '@/sync/status'

import { afterDecision, byUrgency, doneSince, type Filters, matches, neighbour, sharedPhotos, steadyOrder } from './queue'
import { reviewable, type ReviewRec } from './useSubject'

/** `wanted`: the record to begin with, when it waits. */
export function useQueue(wanted?: string) {
  const held = useHeld()
  /** Decided by this person, and waiting for a second one. */
  const { sealed } = useLooks()
  const session = useSession()
  const lists = REVIEWED.map((kind) => useRecords(kind))
  const loading = computed(() => lists.some((list) => list.value === undefined))
  const records = computed(() => new Map(lists.flatMap((list) => (list.value ?? []) as ReviewRec[]).map((record) => [record.id, record])))
  /** What was decided here and then left this desk's scopes (a returned record is its author's alone) stays in sight. */
  const departed = ref(new Map<string, ReviewRec>())
  const lookUp = (id: string) => records.value.get(id) ?? departed.value.get(id)
  watch(records, (now, before) => {
    for (const [id, record] of before)
      if (!now.has(id) && !waits(record.kind, record.state) && order.value.includes(id)) departed.value.set(id, record)
  })
  const shared = computed(() =>
    sharedPhotos([...records.value.values()].filter((record) => record.kind !== 'repair').map((record) => ({ id: record.id, photos: 'photos' in record.data ? (record.data.photos ?? []) : [] }))),
  )

  const filters = ref<Filters>({ kind: '', unit: '', grade: '' })
  const waiting = computed(() => [...records.value.values()].filter((record) => !isOwn(record, session.me.value?.person.id)).map(reviewable).filter((record) => waits(record.kind, record.state)))
  const fitting = computed(() => waiting.value.filter((record) => matches(record, filters.value)))

  /** Ids in their places on the screen; a new filter sorts afresh, all else only adds at the end. */
  const order = ref<string[]>([])
  const selected = ref<string>()
  /** A record still to be decided: it waits, nobody's decision rests on it. */
  const isOpen = (id: string) => {
    const record = records.value.get(id)
    return record !== undefined && waits(record.kind, record.state) && !held.isHeld(id) && !sealed.value.has(id) && !isOwn(record, session.me.value?.person.id)
  }

  watch(filters, () => {
    order.value = [...fitting.value].filter((record) => !held.isHeld(record.id)).sort(byUrgency).map((record) => record.id)
    selected.value = order.value[0]
  }, { deep: true })
  /** While the page still fills, the order is made afresh; once it is whole or in use, nothing moves any more. */
  const sync = useSync()
  const filled = computed(() => !loading.value && sync.value.phase !== 'pulling')
  const settled = ref(false)
  /** One that was asked for by its id is shown as soon as it is here, whatever has become of it. */
  let awaited = wanted
  watch([fitting, filled], ([now]) => {
    if (loading.value) return
    if (!settled.value) {
      order.value = [...now].sort(byUrgency).map((record) => record.id)
      selected.value = order.value[0]
      settled.value = filled.value && order.value.length > 0
    }
    order.value = steadyOrder(order.value.filter((id) => lookUp(id) !== undefined), now)
    if (awaited !== undefined && records.value.has(awaited)) {
      if (!order.value.includes(awaited)) order.value.unshift(awaited)
      selected.value = awaited
      if (filled.value) awaited = undefined
    }
    if (selected.value === undefined || lookUp(selected.value) === undefined) selected.value = neighbour(order.value, undefined, 1, isOpen)
  }, { immediate: true })

  const shown = computed(() => order.value.map(lookUp).filter((record) => record !== undefined))
  const current = computed(() => (selected.value === undefined ? undefined : lookUp(selected.value)))
  const next = computed(() => {
    const id = neighbour(order.value, selected.value, 1, isOpen)
    return id === undefined ? undefined : records.value.get(id)
  })

  return {
    loading,
    records,
    waiting,
    sealed,
    shared,
    filters,
    shown,
    selected,
    current,
    next,
    previous: computed(() => {
      const id = neighbour(order.value, selected.value, -1, () => true)
      return id === undefined ? undefined : lookUp(id)
    }),
    isOpen,
    openCount: computed(() => waiting.value.filter((record) => isOpen(record.id)).length),
    /** Of these, what the filters let through. */
    openShown: computed(() => shown.value.filter((record) => isOpen(record.id)).length),
    done: computed(() => {
      const me = session.me.value?.person.id ?? ''
      return doneSince(records.value.values(), me, dayStart(new Date())) + held.list.value.filter((one) => records.value.has(one.id)).length
    }),
    choose(id: string): void {
      settled.value = true
      awaited = undefined
      selected.value = id
    },
    move(step: 1 | -1): void {
      settled.value = true
      awaited = undefined
      const id = neighbour(order.value, selected.value, step, () => true)
      if (id !== undefined) selected.value = id
    },
    moveOn(from: string): void {
      settled.value = true
      awaited = undefined
      selected.value = afterDecision(order.value, from, isOpen) ?? from
    },
  }
}
