/** What waits for a decision, read once for the count in the bar and for the queue: nothing that is over is read. */
import { computed, hasInjectionContext, inject, type InjectionKey, provide, type Ref } from 'vue'

import { REVIEWED, type ReviewedKind, waitingState } from '@/domain/reviewed'
import { type Rec, useRecords } from '@/sync/records'

type Waiting = { [K in ReviewedKind]: Rec<K> }[ReviewedKind]
const KEY: InjectionKey<Ref<readonly Waiting[] | undefined>> = Symbol('waiting')

/** Undefined while loading. With them those that were decided on this machine and that the server has not answered yet. */
export function useWaiting(): Ref<readonly Waiting[] | undefined> {
  const shared = hasInjectionContext() ? inject(KEY, undefined) : undefined
  if (shared) return shared
  const lists = REVIEWED.map((kind) => useRecords(kind, { states: [waitingState(kind)] }))
  return computed(() => (lists.some((list) => list.value === undefined) ? undefined : (lists.flatMap((list) => list.value!) as Waiting[])))
}

/** For all pages inside. */
export function provideWaiting(): Ref<readonly Waiting[] | undefined> {
  const waiting = useWaiting()
  provide(KEY, waiting)
  return waiting
}
