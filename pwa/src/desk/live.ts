/** The server's word that somebody else changed what this desk shows: it syncs at once instead of at the next turn. */
import { poke } from '@/sync/bus'

const AGAIN_MS = 15_000

/** Listens until the function that it gives back is called. A window that nobody sees does not listen. */
export function listen(): () => void {
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  function close(): void {
    clearTimeout(timer)
    source?.close()
    source = undefined
  }

  function open(): void {
    close()
    if (document.hidden) return
    source = new EventSource('/api/v1/live')
    source.addEventListener('changed', () => poke('live'))
    // A stream that ended is opened again by the browser itself; one that was refused is not.
    source.addEventListener('error', () => {
      if (source?.readyState === EventSource.CLOSED) timer = setTimeout(open, AGAIN_MS)
    })
  }

  document.addEventListener('visibilitychange', open)
  open()
  return () => {
    document.removeEventListener('visibilitychange', open)
    close()
  }
}
