import type { Ref } from 'vue'

import { type Device, getMeta, store } from './db'
import { useLive } from './records'

/** This phone's number, once the server knows it. */
export function useDevice(): Ref<string | undefined> {
  return useLive(async () => {
    const device = await getMeta<Device>(store(), 'device')
    return device?.registered ? device.id : undefined
  })
}
