/** The phone's database does not answer this page any more: it is said, and asked again until it does. */
import { ref } from 'vue'

import { hear } from './bus'
import { store } from './db'
import type { Reason } from './reasons'

export const broken = ref(false)

/** ms between two askings. */
const AGAIN_MS = 1_000
const LOST = new Set(['DatabaseClosedError', 'OpenFailedError', 'MissingAPIError'])
/** What a browser says when it has closed the connection; of other things it says these, too. */
const CLOSING = new Set(['InvalidStateError', 'UnknownError'])
let asking = false
const waiting = new Set<() => void>()

/** Whether an error means that the database is gone from under this page. `reading`: the database raised it. */
export function isLost(error: unknown, reading = false): boolean {
  const name = (error as { name?: string } | undefined)?.name ?? ''
  return LOST.has(name) || (reading && CLOSING.has(name))
}

/** Asks the database until it answers: then `again` runs. That it is gone is said once it was asked in vain. */
export function whenItAnswers(again: () => void): () => void {
  waiting.add(again)
  if (!asking) {
    asking = true
    setTimeout(() => void ask(), AGAIN_MS)
  }
  return () => waiting.delete(again)
}

async function ask(): Promise<void> {
  try {
    await store().meta.count()
  } catch {
    broken.value = true
    setTimeout(() => void ask(), AGAIN_MS)
    return
  }
  asking = false
  broken.value = false
  const all = [...waiting]
  waiting.clear()
  for (const again of all) again()
}

/** Hears of every failure that nobody answered, and of a sync that the database stops. */
export function watchBroken(): void {
  hear((message) => {
    if (message.type === 'status' && (message.status as { reason: Reason }).reason === 'database') whenItAnswers(() => undefined)
  })
  window.addEventListener('unhandledrejection', ({ reason }) => {
    if (!isLost(reason)) return
    broken.value = true
    whenItAnswers(() => undefined)
  })
}
