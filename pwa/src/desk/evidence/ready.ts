/** Pictures that were fetched and decoded before their turn: such a one is shown in the frame in which it is asked for. */
import { serverUrl, type View } from '@/media/attach'

/** A picture of 1600 pixels takes some 8 MB decoded. */
const KEPT = 12
const kept = new Map<string, HTMLImageElement>()

/** Its size in pixels when it lies decoded in memory, else undefined. */
export function ready(sha256: string | undefined, view: View): { width: number; height: number } | undefined {
  const image = sha256 === undefined ? undefined : kept.get(serverUrl(sha256, view))
  return image && { width: image.naturalWidth, height: image.naturalHeight }
}

/** Fetches and decodes one; of those kept the one that was asked for longest ago makes room. */
export async function makeReady(sha256: string, view: View): Promise<void> {
  const url = serverUrl(sha256, view)
  let image = kept.get(url)
  if (!image) {
    image = new Image()
    image.src = url
  }
  try {
    await image.decode()
  } catch {
    return // not made yet: the pane says so when its turn comes
  }
  kept.delete(url)
  kept.set(url, image)
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT) break
    kept.delete(oldest)
  }
}
