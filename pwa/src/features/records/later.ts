/** Exports that take long: begun here, made by the server's worker, and looked after until they are there. */
import { onUnmounted, ref } from 'vue'

import { callJson, Problem, rawFetch } from '@/api/client'
import type { components } from '@/api/generated'
import { get } from '@/api/server'

export type Later = components['schemas']['LongExport']
const EVERY_MS = 2000

export function useLater() {
  const exports = ref<Later[]>([])
  /** The code of what the server refused, or `offline`. */
  const trouble = ref('')
  let next: ReturnType<typeof setTimeout> | undefined
  onUnmounted(() => clearTimeout(next))

  async function read(): Promise<void> {
    clearTimeout(next)
    exports.value = (await get('/api/v1/exports')).exports
    if (exports.value.some(({ state }) => state === 'waiting')) next = setTimeout(() => void read().catch(() => undefined), EVERY_MS)
  }
  async function call(path: string, method: string): Promise<void> {
    try {
      await callJson(rawFetch, path, { method })
      trouble.value = ''
      await read()
    } catch (error) {
      trouble.value = error instanceof Problem ? error.code : 'offline'
    }
  }
  const start = (address: string) => call(address, 'POST')
  const cancel = (id: string) => call(`/api/v1/exports/${id}`, 'DELETE')
  return { exports, trouble, read, start, cancel }
}
