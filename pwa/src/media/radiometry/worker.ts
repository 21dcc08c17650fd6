/** Decodes beside the screen: a large PNG takes a slow phone a quarter of a second. */
import { read } from './index'
import { type Thermogram, Unreadable } from './model'

export interface Answer {
  thermogram?: Thermogram | undefined
  /** Why the temperatures cannot be read. */
  reason?: string
}

self.onmessage = async ({ data }: MessageEvent<ArrayBuffer>) => {
  const { answer, moved } = await decoded(data)
  self.postMessage(answer, { transfer: moved })
}

async function decoded(bytes: ArrayBuffer): Promise<{ answer: Answer; moved: Transferable[] }> {
  try {
    const thermogram = await read(bytes)
    const arrays = thermogram ? [thermogram.celsius, ...(thermogram.raw ? [thermogram.raw.counts] : [])] : []
    return { answer: { thermogram }, moved: arrays.map((array) => array.buffer) }
  } catch (error) {
    if (error instanceof Unreadable) return { answer: { reason: error.reason }, moved: [] }
    throw error
  }
}
