/** The rows of a list, by their number, fetched in blocks as they come into view. */
import { computed, ref, shallowRef, triggerRef, watch } from 'vue'

import { Problem, Unreachable } from '@/api/client'
import type { components } from '@/api/generated'
import { get } from '@/api/server'
import type { Span } from '@/desk/drawn'

import { type Asked, BLOCK, blocksOf } from './list'

export type Row = components['schemas']['ListRow']
export type Named = components['schemas']['Named']

interface Held {
  rows: Map<number, Row>
  names: Map<string, Named>
  asked: Set<number>
}

export function useRows(asked: () => Asked, span: () => Span) {
  const held = shallowRef<Held>(none())
  /** Where each block begins; a list is as long as its first block until the server has counted. */
  const places = shallowRef<string[]>([''])
  const total = ref<number>()
  const counted = ref(false)
  const trouble = ref<'' | 'offline' | 'refused'>('')
  let turn = 0

  function none(): Held {
    return { rows: new Map(), names: new Map(), asked: new Set() }
  }

  async function read(): Promise<void> {
    const mine = ++turn
    const fresh = none()
    fresh.asked.add(0)
    counted.value = false
    try {
      const marks = get('/api/v1/list/marks', asked())
      marks.catch(() => undefined) // told by the page's own failure
      await fetchBlock(mine, 0, '', fresh)
      if (mine !== turn) return
      held.value = fresh
      places.value = ['']
      total.value = fresh.rows.size
      trouble.value = ''
      const known = await marks
      if (mine !== turn) return
      places.value = ['', ...known.marks.map((mark) => mark.after)]
      total.value = known.total
      counted.value = true
      void need()
    } catch (error) {
      if (mine === turn) fail(error)
    }
  }

  async function fetchBlock(mine: number, block: number, after: string, into: Held): Promise<void> {
    const page = await get('/api/v1/list', { ...asked(), after, limit: BLOCK })
    if (mine !== turn) return
    page.rows.forEach((row, i) => into.rows.set(block * BLOCK + i, row))
    for (const [id, named] of Object.entries(page.names)) into.names.set(id, named)
  }

  async function need(): Promise<void> {
    const mine = turn
    for (const block of blocksOf(span())) {
      const after = places.value[block]
      if (after === undefined || held.value.asked.has(block)) continue
      held.value.asked.add(block)
      try {
        await fetchBlock(mine, block, after, held.value)
        if (mine === turn) triggerRef(held)
      } catch (error) {
        held.value.asked.delete(block)
        if (mine === turn) fail(error)
        return
      }
    }
  }

  function fail(error: unknown): void {
    if (!(error instanceof Problem || error instanceof Unreachable)) throw error
    trouble.value = error instanceof Problem ? 'refused' : 'offline'
  }

  watch(() => JSON.stringify(asked()), read, { immediate: true })
  watch(() => blocksOf(span()).join(), need)
  return {
    total, counted, trouble, read,
    row: (n: number) => held.value.rows.get(n),
    named: (id: string) => held.value.names.get(id),
    loaded: computed(() => [...held.value.rows.values()]),
  }
}
