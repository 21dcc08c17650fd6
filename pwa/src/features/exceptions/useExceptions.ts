/** The list as a screen holds it: pages, what was settled here, and why nothing could be read. */
import { ref, shallowRef } from 'vue'

import { poke } from '@/sync/bus'

import { type Answer, type Choice, type Exceptional, fetchPage, keyOf, settle } from '@/domain/exceptions'

export function useExceptions(only: { mine: boolean }) {
  const list = shallowRef<Exceptional[]>()
  const next = ref<string | null>(null)
  const open = ref(0)
  const mine = ref(0)
  const settled = ref(false)
  const offline = ref(false)
  let asked = 0

  async function read(): Promise<void> {
    const turn = ++asked
    await page(turn, null, [])
  }

  async function more(): Promise<void> {
    if (next.value) await page(asked, next.value, list.value ?? [])
  }

  async function page(turn: number, before: string | null, known: Exceptional[]): Promise<void> {
    try {
      const found = await fetchPage({ settled: settled.value, mine: only.mine, before })
      if (turn !== asked) return
      list.value = [...known, ...found.exceptions]
      next.value = found.next
      open.value = found.open
      mine.value = found.mine
      offline.value = false
    } catch {
      if (turn === asked) offline.value = true
    }
  }

  /** Settles one and takes it from the list; what somebody else did meanwhile is read anew. */
  async function choose(one: Exceptional, choice: Choice, reason = '', fields: readonly string[] = []): Promise<Answer> {
    const answer = await settle(one, choice, reason, fields)
    if (answer.is === 'done') {
      list.value = list.value?.filter((other) => keyOf(other) !== keyOf(one))
      open.value -= 1
      mine.value -= 1
      poke('settled') // the record's new value comes with the next pull
    } else if (answer.is !== 'offline') await read()
    return answer
  }

  return { list, next, open, mine, settled, offline, read, more, choose }
}
