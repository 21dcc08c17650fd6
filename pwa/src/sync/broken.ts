/** The phone's database does not answer this page any more: it has to be opened anew. */
import { ref } from 'vue'

export const broken = ref(false)

const LOST = new Set(['DatabaseClosedError', 'OpenFailedError', 'MissingAPIError'])

/** Whether an error means that the database is gone from under this page. */
export function isLost(error: unknown): boolean {
  return LOST.has((error as { name?: string } | undefined)?.name ?? '')
}

/** Hears of every failure that nobody answered. */
export function watchBroken(): void {
  window.addEventListener('unhandledrejection', ({ reason }) => {
    if (isLost(reason)) broken.value = true
  })
}
