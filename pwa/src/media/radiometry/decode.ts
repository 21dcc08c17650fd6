/** A stored photo's temperatures, decoded beside the screen. */
import { store } from '@/sync/db'

import { type Thermogram, Unreadable } from './model'
import type { Answer } from './worker'

/**
 * The temperatures of a photo whose bytes are on this phone, else of the server's original; undefined when it holds none.
 *
 * Unreadable with the reason; TypeError when the bytes are neither here nor to be had.
 */
export async function temperaturesOf(sha256: string): Promise<Thermogram | undefined> {
  const { thermogram, reason } = await ask(await original(sha256))
  if (reason) throw new Unreadable(reason)
  return thermogram
}

async function original(sha256: string): Promise<ArrayBuffer> {
  const here = await store().photoBytes.get(sha256)
  if (here) return here.bytes.slice(0)
  const answer = await fetch(`/api/v1/photos/${sha256}/original`)
  if (!answer.ok) throw new TypeError(`original ${answer.status}`)
  return answer.arrayBuffer()
}

function ask(bytes: ArrayBuffer): Promise<Answer> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  return new Promise<Answer>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Answer>) => resolve(data)
    worker.onerror = (event) => reject(new TypeError(event.message || 'the decoder stopped'))
    worker.postMessage(bytes, [bytes])
  }).finally(() => worker.terminate())
}
