/** The photo after a repair, laid on the one before, for the reviewer: worked out anew from the photos themselves. */
import { onScopeDispose, type Ref, ref, shallowRef, toValue, watch, type MaybeRefOrGetter } from 'vue'

import type { SameView } from '@/media/sameview'
import { compared } from '@/media/sameview/compare'

/** Long side of what is drawn, in pixels. */
const LONG_SIDE_PX = 1600

/** `idle` without two photos; `unread` when one is not to be had or cannot be decoded. */
export type LaidState = 'idle' | 'working' | 'unread' | 'known'

export function useLaid(pair: MaybeRefOrGetter<readonly [before: string, after: string] | undefined>): {
  state: Ref<LaidState>
  found: Ref<SameView | undefined>
  picture: Ref<ImageBitmap | undefined>
} {
  const state = ref<LaidState>('idle')
  const found = shallowRef<SameView>()
  const picture = shallowRef<ImageBitmap>()
  let turn = 0
  function drop(): number {
    picture.value?.close()
    picture.value = found.value = undefined
    return ++turn
  }
  watch(
    () => toValue(pair)?.join(' '),
    async () => {
      const mine = drop()
      const both = toValue(pair)
      state.value = both ? 'working' : 'idle'
      if (!both) return
      const answer = await compared(both[0], both[1], LONG_SIDE_PX).catch(() => undefined)
      if (mine !== turn) return answer?.picture?.close()
      found.value = answer?.found
      picture.value = answer?.picture
      state.value = answer ? 'known' : 'unread'
    },
    { immediate: true },
  )
  onScopeDispose(drop)
  return { state, found, picture }
}
