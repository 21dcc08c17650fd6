/** A copy of a photo with a band below it: time, place, person, record, unit, short hash, and the QR code that proves it. */
import { apiGet } from '@/api/client'
import type { components } from '@/api/generated'
import { pictureOf, serverPicture } from '@/media/attach'

const WIDTH = 1600
const QUIET = 4

/**
 * A JPEG of the photo with `given` lines under it; the original is only read. From this phone's own bytes where it has
 * them, also without a network; the code that proves it needs the server's word, and `uncoded` says so when there is none.
 * Error when there is no picture.
 */
export async function watermarked(sha256: string, given: readonly string[], name: string, uncoded: string): Promise<File> {
  const proof = await apiGet<components['schemas']['Proof']>(`/api/v1/photos/${sha256}/proof`).catch(() => undefined)
  const lines = proof ? given : [...given, uncoded]
  const picture = await decoded(sha256)
  const height = Math.round(picture.height * (WIDTH / picture.width))
  const side = 264
  const band = Math.max(side + 40, lines.length * 44 + 48)
  const canvas = document.createElement('canvas')
  canvas.width = WIDTH
  canvas.height = height + band
  const paint = canvas.getContext('2d')!
  paint.fillStyle = '#fff'
  paint.fillRect(0, 0, canvas.width, canvas.height)
  paint.imageSmoothingQuality = 'high'
  paint.drawImage(picture, 0, 0, WIDTH, height)
  picture.close()
  paint.fillStyle = '#16201f'
  paint.textBaseline = 'top'
  lines.forEach((line, i) => {
    paint.font = `${i === 0 ? '600 36px' : '30px'} system-ui, 'PingFang SC', 'Noto Sans CJK SC', sans-serif`
    paint.fillText(line, 32, height + 24 + i * 44, proof ? WIDTH - side - 96 : WIDTH - 64)
  })
  if (proof) drawCode(paint, proof.code, WIDTH - side - 20, height + Math.round((band - side) / 2), side)
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', 0.88))
  if (!blob) throw new Error('no picture')
  return new File([blob], name, { type: 'image/jpeg' })
}

function drawCode(paint: CanvasRenderingContext2D, code: readonly string[], x: number, y: number, side: number): void {
  const step = Math.floor(side / (code.length + 2 * QUIET))
  const edge = Math.floor((side - step * code.length) / 2)
  paint.fillStyle = '#000'
  code.forEach((row, j) => [...row].forEach((cell, i) => cell === '1' && paint.fillRect(x + edge + i * step, y + edge + j * step, step, step)))
}

/** This phone's own bytes, else (no bytes, or of a kind that the browser cannot read) the server's view. */
async function decoded(sha256: string): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(await pictureOf(sha256))
  } catch {
    return createImageBitmap(await serverPicture(sha256))
  }
}
