/** Compares beside the screen. One picture is decoded at a time; what stays of it is small and grey. */
import type { Answer, Question } from './compare'
import { comparedSize, fromRgba, type Grey } from './grey'
import { sameView } from './index'
import { projected } from './project'

self.onmessage = async ({ data }: MessageEvent<Question>) => {
  try {
    const answer = await answered(data)
    self.postMessage(answer, { transfer: answer.picture ? [answer.picture] : [] })
  } catch {
    self.postMessage(undefined) // what a promise throws here, nobody outside hears
  }
}

async function answered({ before, after, longSide }: Question): Promise<Answer> {
  const [first, second] = [await small(before), await small(after)]
  const found = sameView(first, second)
  if (!found.plane || !longSide) return { found }
  const scale = longSide / Math.max(first.width, first.height)
  return { found, picture: await projected(after, found.plane, Math.round(first.width * scale), Math.round(first.height * scale)) }
}

async function small(picture: Blob): Promise<Grey> {
  const bitmap = await createImageBitmap(picture)
  try {
    const { width, height } = comparedSize(bitmap.width, bitmap.height)
    const pen = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!
    pen.imageSmoothingQuality = 'high'
    pen.drawImage(bitmap, 0, 0, width, height)
    return fromRgba(pen.getImageData(0, 0, width, height).data, width, height)
  } finally {
    bitmap.close()
  }
}
