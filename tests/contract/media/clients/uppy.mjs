/** Uppy with its tus plugin, unmodified, for a page: `sendByUppy(order)` gives what came of it. */
import Uppy from '@uppy/core'
import Tus from '@uppy/tus'

globalThis.sendByUppy = async ({ endpoint, headers, chunkSize, files }) => {
  const uppy = new Uppy({ autoProceed: false }).use(Tus, {
    endpoint,
    headers,
    chunkSize,
    limit: 3,
    retryDelays: [0, 100, 200, 400],
    allowedMetaFields: ['sha256', 'name', 'type'],
  })
  for (const { name, type, base64, sha256 } of files) {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
    uppy.addFile({ name, type, data: new Blob([bytes], { type }), meta: { sha256 } })
  }
  const { successful, failed } = await uppy.upload()
  return { successful: successful.map((file) => file.uploadURL), failed: failed.map((file) => String(file.error)) }
}
