/** Second looks as the server tells them: what one decided oneself and waits for another, what one has to settle. */
import { computed, shallowRef } from 'vue'

import { Problem, Unreachable } from '@/api/client'
import type { components } from '@/api/generated'
import { get } from '@/api/server'

const told = shallowRef<components['schemas']['SecondLooks']>()

async function load(): Promise<boolean> {
  try {
    told.value = await get('/api/v1/second-looks')
    return true
  } catch (error) {
    if (error instanceof Problem || error instanceof Unreachable) return false
    throw error
  }
}

const sealed = computed(() => new Set(told.value?.sealed))
const mine = computed(() => told.value?.open.filter((look) => look.mine).length ?? 0)

/** The one list of this window; `load` says whether the server answered. */
export function useLooks() {
  return { told, sealed, mine, load }
}
