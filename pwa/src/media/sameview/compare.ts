/** Two stored photos, compared without a network where both are on this phone. */
import { pictureOf } from '@/media/attach'
import { store } from '@/sync/db'

import type { SameView } from './index'

export interface Question {
  before: Blob
  after: Blob
  /** The photo after is drawn as it lies on the one before, this large: pixels of the long side. */
  longSide?: number | undefined
}

export interface Answer {
  found: SameView
  picture?: ImageBitmap
}

/** The photo itself, else its small picture that stays after it was sent. Error when neither is to be had. */
export async function viewOf(sha256: string): Promise<Blob> {
  try {
    return await pictureOf(sha256)
  } catch (error) {
    const small = await store().thumbs.get(sha256)
    if (!small) throw error
    return new Blob([small.bytes], { type: 'image/jpeg' })
  }
}

/** Error when a photo is not to be had or cannot be decoded here. */
export async function compared(before: string, after: string, longSide?: number): Promise<Answer> {
  return ask({ before: await viewOf(before), after: await viewOf(after), longSide })
}

/** A phone that is out of memory ends a worker without a word. */
const PATIENCE_MS = 60_000

function ask(question: Question): Promise<Answer> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  let timer: ReturnType<typeof setTimeout> | undefined
  return new Promise<Answer>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Answer | undefined>) => (data ? resolve(data) : reject(new TypeError('no picture')))
    worker.onerror = (event) => reject(new TypeError(event.message || 'the comparison stopped'))
    timer = setTimeout(() => reject(new TypeError('the comparison took too long')), PATIENCE_MS)
    worker.postMessage(question)
  }).finally(() => (clearTimeout(timer), worker.terminate()))
}
