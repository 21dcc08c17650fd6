/** The queue as it stands on the screen: steady order, filters, what is chosen, what was done today. */
import { computed, ref, shallowReactive, watch } from 'vue'

import { useSession } from '@/app/session'
import { dayStart } from '@/domain/format'
import { isFor, REVIEWED, type ReviewedKind, waits } from '@/domain/reviewed'
import { useHeld } from '@/desk/held'
import { useLooks } from '@/desk/looks'
import { useWaiting } from '@/desk/waiting'
import { findRecords } from '@/sync/passing'
import { useLive } from '@/sync/records'
import { useSync } from '@/sync/status'

import { afterDecision, byUrgency, decidedSince, type Filters, matches, neighbour, steadyOrder } from './queue'
import { useBeside } from './useBeside'
import { reviewable, type ReviewRec } from './useSubject'

const find = async (id: string) => (await findRecords(REVIEWED, [id]))[0] as ReviewRec | undefined

/** `wanted`: the record to begin with, whatever has become of it. */
export function useQueue(wanted?: string) {
  const held = useHeld()
  /** Decided by this person, and waiting for a second one. */
  const { sealed } = useLooks()
  const session = useSession()
  const me = () => session.me.value?.person.id
  const read = useWaiting()
  const loading = computed(() => read.value === undefined)
  const records = computed(() => new Map((read.value ?? []).map((record) => [record.id, record as ReviewRec])))
  /** Records on this page that wait no more: decided here or elsewhere, gone from this desk's scopes, or asked for by id. */
  const others = shallowReactive(new Map<string, ReviewRec>())
  const lookUp = (id: string) => records.value.get(id) ?? others.get(id)

  const filters = ref<Filters>({ kind: '', unit: '', grade: '' })
  const waiting = computed(() => [...records.value.values()].filter((record) => isFor(me(), record)).map(reviewable))
  const fitting = computed(() => waiting.value.filter((record) => matches(record, filters.value)))

  /** Ids in their places on the screen; a new filter sorts afresh, all else only adds at the end. */
  const order = ref<string[]>([])
  const selected = ref<string>()
  /** A record still to be decided: it waits, nobody's decision rests on it. */
  const isOpen = (id: string) => {
    const record = records.value.get(id)
    return record !== undefined && isFor(me(), record) && !held.isHeld(id) && !sealed.value.has(id)
  }

  watch(filters, () => {
    order.value = byUrgency(fitting.value.filter((record) => !held.isHeld(record.id)))
    selected.value = order.value[0]
  }, { deep: true })
  /** While the page still fills, the order is made afresh; once it is whole or in use, nothing moves any more. */
  const sync = useSync()
  const filled = computed(() => !loading.value && sync.value.phase !== 'pulling')
  const settled = ref(false)
  /** Asked for by its id: shown as soon as it is here. The one to begin with stands in the list too. */
  const awaited = ref(wanted)
  function sayHere(id: string): void {
    if (id !== awaited.value || lookUp(id) === undefined) return
    if (id === wanted && !order.value.includes(id)) order.value.unshift(id)
    selected.value = id
    if (!filled.value && id === wanted) return
    awaited.value = undefined
    settled.value = true
  }

  /** What is looked at and waits no more is read by its id, and followed. */
  const sought = computed(() => awaited.value ?? selected.value)
  const found = useLive(
    async () => {
      const id = sought.value
      return id !== undefined && !records.value.has(id) ? { id, record: await find(id) } : undefined
    },
    () => sought.value !== undefined && !records.value.has(sought.value) ? sought.value : undefined,
  )
  watch([found, loading], ([now, still]) => {
    if (!now?.record || still) return
    others.set(now.id, now.record)
    sayHere(now.id)
  })

  /** One that left the waiting keeps its place, as it stood last or as others have decided it. */
  async function keep(record: ReviewRec): Promise<void> {
    others.set(record.id, record)
    if (!waits(record.kind, record.state)) return
    const now = await find(record.id)
    if (now) others.set(record.id, now)
    else if (!records.value.has(record.id)) others.delete(record.id)
  }

  watch([fitting, filled, records], ([now, , all], before) => {
    if (loading.value) return
    for (const [id, record] of before[2] ?? []) if (!all.has(id) && order.value.includes(id)) void keep(record)
    if (!settled.value) {
      order.value = byUrgency(now)
      selected.value = order.value[0]
      settled.value = filled.value && order.value.length > 0
    }
    order.value = steadyOrder(order.value, now)
    if (awaited.value !== undefined) sayHere(awaited.value)
  }, { immediate: true })
  watch([order, () => others.size], () => {
    const left = order.value.filter((id) => lookUp(id) !== undefined)
    if (left.length < order.value.length) order.value = left
    if (selected.value === undefined || lookUp(selected.value) === undefined) selected.value = neighbour(order.value, undefined, 1, isOpen)
  })

  const shown = computed(() => order.value.map(lookUp).filter((record) => record !== undefined))
  const current = computed(() => (selected.value === undefined ? undefined : lookUp(selected.value)))
  const next = computed(() => {
    const id = neighbour(order.value, selected.value, 1, isOpen)
    return id === undefined ? undefined : records.value.get(id)
  })
  const beside = useBeside(() => current.value, () => me() ?? '', () => filled.value)

  function choose(id: string): void {
    settled.value = true
    if (lookUp(id) === undefined) awaited.value = id
    else {
      awaited.value = undefined
      selected.value = id
    }
  }
  return {
    loading,
    lookUp,
    waiting,
    sealed,
    /** The record in hand and those of the same thing or with the same photos. */
    beside: beside.records,
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
      const today = dayStart(new Date())
      const times = new Map(beside.decided)
      // Newer than what the server has said: decisions made here.
      for (const record of [...others.values(), ...records.value.values()]) times.set(record.id, decidedSince(record.log, me() ?? '', today))
      const sent = [...times.values()].flat().filter((at) => at >= today).length
      // One that is being sent stands in its record's log already.
      const stands = (id: string) => (times.get(id) ?? []).length > 0 && !waits(lookUp(id)!.kind, lookUp(id)!.state)
      return sent + held.list.value.filter((one) => REVIEWED.includes(one.kind as ReviewedKind) && !(lookUp(one.id) && stands(one.id))).length
    }),
    choose,
    move(step: 1 | -1): void {
      const id = neighbour(order.value, selected.value, step, () => true)
      if (id !== undefined) choose(id)
    },
    /** The first or the last of the list. */
    end(step: 1 | -1): void {
      const id = order.value.at(step === 1 ? -1 : 0)
      if (id !== undefined) choose(id)
    },
    moveOn(from: string): void {
      choose(afterDecision(order.value, from, isOpen) ?? from)
    },
  }
}
