/** The photos of a form together with one that is being stored: its draft names that one before the form shows it. */
import { type Ref, watch } from 'vue'

/**
 * `join` says which photos the form has once the new one is stored; `now` gives them until the form has them itself. A
 * draft that is saved meanwhile, for a word that was typed, would lose the new one otherwise.
 */
export function useJoining<T>(photos: Ref<T[]>): { now: () => T[]; join: (taken: T[]) => void } {
  let joining: T[] | undefined
  watch(photos, () => (joining = undefined), { flush: 'sync' })
  return {
    now: () => {
      const shown = photos.value // looked at in any case: who watches this is told of changes
      return joining ?? shown
    },
    join: (taken) => (joining = taken),
  }
}
