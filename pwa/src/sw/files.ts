/** Tells a page which files this worker has put by, and under which key in which cache each lies. */
import { cacheNames } from 'workbox-core'
import { getCacheKeyForURL } from 'workbox-precaching'

export function tellFiles(worker: ServiceWorkerGlobalScope, manifest: { url: string }[]): void {
  worker.addEventListener('message', (event) => {
    if ((event.data as { type?: string } | null)?.type !== 'files') return
    const files = manifest.map(({ url }) => ({ url: `/${url}`, key: getCacheKeyForURL(`/${url}`) }))
    event.ports[0]?.postMessage({ cache: cacheNames.precache, files })
  })
}
