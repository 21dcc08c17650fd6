/** A person's own saved views of the list; the server keeps them, so that they are at every desk. */
import { ref } from 'vue'

import { callJson, jsonCall, rawFetch } from '@/api/client'
import { get } from '@/api/server'

export interface SavedView {
  name: string
  query: string
}

export function useViews() {
  const views = ref<SavedView[]>([])
  async function read(): Promise<void> {
    views.value = (await get('/api/v1/list-views')).views
  }
  async function save(view: SavedView): Promise<void> {
    await callJson(rawFetch, '/api/v1/list-views', jsonCall('PUT', view))
    await read()
  }
  async function forget(name: string): Promise<void> {
    await callJson(rawFetch, `/api/v1/list-views?${new URLSearchParams({ name }).toString()}`, { method: 'DELETE' })
    await read()
  }
  return { views, read, save, forget }
}
