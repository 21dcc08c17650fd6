/** A photo drawn as it lies on another: in colour, for the eye. */
import { laid, type Plane } from './plane'

/** `plane` maps shares of the drawn picture onto shares of the photo; where the photo has nothing it stays clear. */
export async function projected(photo: Blob, plane: Plane, width: number, height: number): Promise<ImageBitmap> {
  const source = await pixels(photo, Math.max(width, height))
  const out = new ImageData(width, height)
  const from = new Uint32Array(source.data.buffer)
  const to = new Uint32Array(out.data.buffer)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [u, v] = laid(plane, (x + 0.5) / width, (y + 0.5) / height)
      const [px, py] = [Math.floor(u * source.width), Math.floor(v * source.height)]
      if (px >= 0 && py >= 0 && px < source.width && py < source.height) to[y * width + x] = from[py * source.width + px]!
    }
  }
  return createImageBitmap(out)
}

async function pixels(photo: Blob, longSide: number): Promise<ImageData> {
  const bitmap = await createImageBitmap(photo)
  try {
    const scale = Math.min(1, (1.5 * longSide) / Math.max(bitmap.width, bitmap.height))
    const [width, height] = [Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale))]
    const pen = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!
    pen.imageSmoothingQuality = 'high'
    pen.drawImage(bitmap, 0, 0, width, height)
    return pen.getImageData(0, 0, width, height)
  } finally {
    bitmap.close()
  }
}
