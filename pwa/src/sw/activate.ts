import { registerRoute } from 'workbox-routing'

/**
 * A new worker waits. The page tells it when no form is open (`src/app/update.ts`), never the worker itself.
 *
 * Files of earlier builds stay in the cache for 30 days: a tab that still runs the old build finds its lazy parts,
 * which would else be gone (GoogleChrome/workbox#3126).
 */
const OLD = 'mingcha-old-files'
const KEEP_MS = 30 * 24 * 3_600_000

export function updates(worker: ServiceWorkerGlobalScope): void {
  worker.addEventListener('message', (event) => {
    if ((event.data as { type?: string } | null)?.type === 'activate') void worker.skipWaiting()
  })
  worker.addEventListener('activate', (event) => {
    event.waitUntil(sweep().then(() => worker.clients.claim()))
  })
  worker.addEventListener('install', (event) => event.waitUntil(keepOld()))
  // After the precache's own route: hashed files that the build in use does not know.
  registerRoute(
    ({ url, sameOrigin }) => sameOrigin && url.pathname.startsWith('/assets/'),
    ({ request }) => anyBuild(request),
  )
}

/** Copies the hashed files of the build in use before its cache is cleaned. */
async function keepOld(): Promise<void> {
  const old = await caches.open(OLD)
  for (const name of await caches.keys()) {
    if (!name.includes('precache')) continue
    const cache = await caches.open(name)
    for (const request of await cache.keys()) {
      if (!new URL(request.url).pathname.startsWith('/assets/') || (await old.match(request))) continue
      const response = await cache.match(request)
      if (!response) continue
      const headers = new Headers(response.headers)
      headers.set('X-Kept', String(Date.now()))
      await old.put(request, new Response(await response.arrayBuffer(), { headers }))
    }
  }
}

async function sweep(): Promise<void> {
  const old = await caches.open(OLD)
  for (const request of await old.keys()) {
    const kept = Number((await old.match(request))?.headers.get('X-Kept') ?? 0)
    if (Date.now() - kept > KEEP_MS) await old.delete(request)
  }
}

async function anyBuild(request: Request): Promise<Response> {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request)
}
