/** All repairs or defects of this machine: what is open at once; what is closed, in a county thousands, after that is drawn. */
import { computed, getCurrentScope, onScopeDispose, type Ref, shallowRef, watch } from 'vue'

import type { KindName } from '@/api/kinds'
import { RULES } from '@/api/rules'
import { store } from '@/sync/db'
import { type Rec, useRecords } from '@/sync/records'

/** The states in which something is left to do, but for a draft's. */
function openStates(kind: KindName): string[] {
  const { initial, events, closed } = RULES[kind]
  return [...new Set([initial, ...events.flatMap(({ target }) => target ?? [])])].filter((state) => state !== 'draft' && !closed.includes(state))
}

/** What stood on the board when it was left: it is there at once when one comes back, and read anew behind that. */
const left = new Map<string, unknown>()

function remembered<K extends KindName>(kind: K): { get: () => Rec<K>[] | undefined; set: (records: Rec<K>[]) => void } {
  const key = `${store().person} ${kind}`
  for (const other of left.keys()) if (!other.startsWith(store().person)) left.delete(other)
  return { get: () => left.get(key) as Rec<K>[] | undefined, set: (records) => left.set(key, records) }
}

/** `begin`: from when on they are read. `records` is undefined while the open ones are, `whole` false until the closed ones stand there too. */
export function useDue<K extends 'repair' | 'defect'>(kind: K, begin: () => boolean): { records: Ref<Rec<K>[] | undefined>; whole: Ref<boolean> } {
  const scope = getCurrentScope()
  const before = remembered(kind)
  const open = shallowRef<Ref<Rec<K>[] | undefined>>()
  const closed = shallowRef<Ref<Rec<K>[] | undefined>>()
  const read = (states: readonly string[]) => (scope?.active ? scope.run(() => useRecords(kind, { states })) : undefined)
  const drawn = (then: () => void) => requestAnimationFrame(() => setTimeout(then))
  const start = () => (open.value ??= read(openStates(kind)))
  watch(begin, (now) => {
    if (!now) return
    if (before.get()) drawn(start)
    else start()
  }, { immediate: true })
  const stop = watch(() => open.value?.value, () => {
    stop()
    drawn(() => (closed.value = read(RULES[kind].closed)))
  })
  const whole = computed(() => open.value?.value !== undefined && closed.value?.value !== undefined)
  // What was done here and is not answered yet stands in both.
  const fresh = computed(() => open.value?.value && [...new Map([...(closed.value?.value ?? []), ...open.value.value].map((record) => [record.id, record])).values()])
  onScopeDispose(() => {
    if (whole.value && fresh.value) before.set(fresh.value)
  })
  const kept = before.get()
  return { records: computed(() => (whole.value ? fresh.value : (kept ?? fresh.value))), whole: computed(() => whole.value || kept !== undefined) }
}
