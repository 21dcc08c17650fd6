/** One photo of a running camera, as large as it gives it. */

const PATIENCE_MS = 6_000
const QUALITY = 0.92

interface Still {
  takePhoto: () => Promise<Blob>
}
type Camera = new (track: MediaStreamTrack) => Still

/**
 * The sensor's own photo where the browser hands it out (MediaStream Image Capture), else the picture in sight as a
 * JPEG. Error when neither comes.
 */
export async function still(stream: MediaStream, video: HTMLVideoElement): Promise<Blob> {
  const track = stream.getVideoTracks()[0]
  const Camera = (globalThis as { ImageCapture?: Camera }).ImageCapture
  if (Camera && track) {
    const photo = await Promise.race([new Camera(track).takePhoto().catch(() => undefined), new Promise<undefined>((done) => setTimeout(done, PATIENCE_MS))])
    if (photo && photo.size > 0 && photo.type === 'image/jpeg') return photo
  }
  const canvas = document.createElement('canvas')
  canvas.width = video.videoWidth
  canvas.height = video.videoHeight
  canvas.getContext('2d')!.drawImage(video, 0, 0)
  const picture = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', QUALITY))
  canvas.width = canvas.height = 0 // gives its memory back at once
  if (!picture) throw new Error('no picture')
  return picture
}
