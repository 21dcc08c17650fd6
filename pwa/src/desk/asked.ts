/** A page that asks the server when it opens and when told to: what it said last, and whether it could not be asked. */
import { onMounted, ref, type ShallowRef, shallowRef } from 'vue'

import { Problem, Unreachable } from '@/api/client'

export function useAsked<T>(ask: () => Promise<T>) {
  const found: ShallowRef<T | undefined> = shallowRef()
  const offline = ref(false)

  async function load(): Promise<void> {
    try {
      found.value = await ask()
      offline.value = false
    } catch (error) {
      if (!(error instanceof Problem || error instanceof Unreachable)) throw error
      offline.value = true
    }
  }

  onMounted(load)
  return { found, offline, load }
}
