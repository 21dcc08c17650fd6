import { onBeforeUnmount, type ShallowRef, shallowRef } from 'vue'

import { language } from '@/app/i18n'

import { BaseLayer } from './layer'
import type { Opened } from './pieces'

/** The base map under a plot, once it is open. Where there is none, or it cannot be read, the plot stays plain. */
export function useBaseMap(open: () => Promise<Opened | undefined>): ShallowRef<BaseLayer | undefined> {
  const layer = shallowRef<BaseLayer>()
  let over = false
  onBeforeUnmount(() => (over = true))
  open().then(
    (map) => {
      if (map && !over) layer.value = new BaseLayer(map, language() === 'en')
    },
    () => undefined,
  )
  return layer
}
