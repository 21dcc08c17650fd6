/** Keeps the screen on while something is sent, on request. The lock ends with the page's being hidden; it is taken again. */
import { onScopeDispose, readonly, type Ref, ref, watch } from 'vue'

interface Sentinel {
  release: () => Promise<void>
}
interface WakeLock {
  request: (type: 'screen') => Promise<Sentinel>
}

const api = (): WakeLock | undefined => (navigator as { wakeLock?: WakeLock }).wakeLock

/** `wanted`: the person asked for it. It is held while also `needed`. `refused`: the browser said no, e.g. at low battery. */
export function useWake(needed: () => boolean) {
  const wanted = ref(false)
  const held = ref(false)
  const refused = ref(false)
  let lock: Sentinel | undefined

  async function settle(): Promise<void> {
    const want = wanted.value && needed() && document.visibilityState === 'visible'
    if (want === held.value) return
    held.value = want
    if (!want) {
      await lock?.release().catch(() => {})
      lock = undefined
      return
    }
    try {
      lock = await api()?.request('screen')
      refused.value = false
    } catch {
      held.value = false
      refused.value = true
    }
  }
  const seen = () => {
    held.value &&= document.visibilityState === 'visible' // the browser has let it go by itself
    void settle()
  }
  document.addEventListener('visibilitychange', seen)
  watch([wanted, needed], () => void settle())
  onScopeDispose(() => {
    document.removeEventListener('visibilitychange', seen)
    wanted.value = false
    void settle()
  })
  return { supported: api() !== undefined, wanted, held: readonly(held) as Readonly<Ref<boolean>>, refused: readonly(refused) as Readonly<Ref<boolean>> }
}
