/** One part before an editor: what it holds, what is wrong with it, and whether somebody else saved meanwhile. */
import { computed, ref, shallowRef, watch } from 'vue'

import { callJson, jsonCall, Problem, rawFetch, Unreachable } from '@/api/client'
import type { components } from '@/api/generated'
import { get } from '@/api/server'

export type Editing = components['schemas']['Editing']
export type Contents = Record<string, unknown>
type Judged = components['schemas']['DraftCheck']

const CHECK_MS = 400
const base = '/api/v1/editions'

export function useEditing(part: string, start?: Contents) {
  const server = shallowRef<Editing>()
  const body = ref<Contents>()
  const judged = shallowRef<Judged>({ faults: [], changes: [] })
  const problem = shallowRef<{ code: string; facts: Record<string, unknown> }>()
  const offline = ref(false)
  const busy = ref(false)
  let kept = ''
  const text = computed(() => JSON.stringify(body.value))
  const dirty = ref(false)

  function take(editing: Editing): void {
    server.value = editing
    body.value = JSON.parse(JSON.stringify(editing.body)) as Contents
    judged.value = { faults: editing.faults, changes: editing.changes }
    kept = JSON.stringify(body.value)
    dirty.value = false
    problem.value = undefined
  }

  /** What a call answers; undefined when it was refused or did not come, which is then said. */
  async function tell<T>(call: () => Promise<T>): Promise<T | undefined> {
    busy.value = true
    try {
      const answer = await call()
      offline.value = false
      return answer
    } catch (error) {
      if (error instanceof Problem) problem.value = { code: error.code, facts: error.facts }
      else if (error instanceof Unreachable) offline.value = true
      else throw error
      return undefined
    } finally {
      busy.value = false
    }
  }

  async function load(): Promise<void> {
    problem.value = undefined
    const found = await tell(() => get(`${base}/one`, { part }).catch((error: unknown) => {
      if (error instanceof Problem && error.code === 'not_found' && start) return undefined // a form that nobody saved yet
      throw error
    }))
    if (found) take(found)
    if (start) {
      body.value = JSON.parse(JSON.stringify(start)) as Contents
      dirty.value = true
    }
  }

  let timer: ReturnType<typeof setTimeout> | undefined
  watch(text, (now) => {
    if (now === undefined) return
    dirty.value = now !== kept
    clearTimeout(timer)
    timer = setTimeout(() => void check(), CHECK_MS)
  })
  async function check(): Promise<void> {
    const asked = text.value
    if (!dirty.value) return
    const found = await callJson<Judged>(rawFetch, `${base}/check`, jsonCall('POST', { part, body: body.value })).catch(() => undefined)
    if (found && text.value === asked) judged.value = found
  }

  async function save(): Promise<boolean> {
    const sent = text.value
    const saved = await tell(() => callJson<Editing>(rawFetch, `${base}/draft`, jsonCall('PUT', { part, after: server.value?.n ?? 0, body: body.value })))
    if (!saved) return false
    if (text.value === sent) take(saved)
    else server.value = saved // typed on while it was sent
    return true
  }

  async function publish(day: string): Promise<boolean> {
    if (dirty.value && !(await save())) return false
    const done = await tell(() => callJson<Editing>(rawFetch, `${base}/publish`, jsonCall('POST', { part, after: server.value?.n ?? 0, effective_from: day })))
    if (done) take(done)
    return done !== undefined
  }

  return { server, body, judged, problem, offline, busy, dirty, load, save, publish }
}
