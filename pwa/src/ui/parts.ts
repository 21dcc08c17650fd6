import { onMounted, onScopeDispose, type Ref, ref, watch } from 'vue'

/**
 * Parts of a page that come one after the other, each in a task of its own: drawn in one, they would keep a touch waiting.
 * How many beside the first may be drawn, up to `all`, from when `begin` first holds.
 */
export function useParts(all: number, begin: () => boolean = () => true): Ref<number> {
  const drawn = ref(0)
  let timer: ReturnType<typeof setTimeout> | undefined
  const next = () => {
    clearTimeout(timer)
    if (drawn.value === all) return
    timer = setTimeout(() => {
      drawn.value += 1
      next()
    })
  }
  onMounted(() => watch(begin, (begins) => begins && next(), { immediate: true, flush: 'post' }))
  onScopeDispose(() => clearTimeout(timer))
  return drawn
}
