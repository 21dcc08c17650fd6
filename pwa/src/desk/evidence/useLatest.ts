/** An answer that belongs to what is shown now. */
import { onScopeDispose, type ShallowRef, shallowRef, watch } from 'vue'

/** What `ask` answers of the key; undefined until it has, when it fails, and without a key. Of an earlier key never. */
export function useLatest<K, T>(key: () => K | undefined, ask: (key: K) => Promise<T>): ShallowRef<T | undefined> {
  const answer = shallowRef<T>()
  let turn = 0
  watch(
    key,
    async (wanted) => {
      const mine = ++turn
      answer.value = undefined
      if (wanted === undefined) return
      const found = await ask(wanted).catch(() => undefined)
      if (mine === turn) answer.value = found
    },
    { immediate: true },
  )
  onScopeDispose(() => turn++)
  return answer
}
