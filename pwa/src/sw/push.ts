/** A message of the server that came through the browser's push service: shown, and its page opened when pressed. */
interface Pushed {
  id: string
  title: string
  text: string
  link: string
}

export function pushes(worker: ServiceWorkerGlobalScope): void {
  worker.addEventListener('push', (event) => {
    const said = event.data?.json() as Pushed | undefined
    if (said) event.waitUntil(show(worker, said))
  })
  worker.addEventListener('notificationclick', (event) => {
    event.notification.close()
    event.waitUntil(open(worker, String((event.notification.data as { link?: string } | null)?.link ?? '/')))
  })
}

async function show(worker: ServiceWorkerGlobalScope, said: Pushed): Promise<void> {
  for (const page of await worker.clients.matchAll({ type: 'window' })) page.postMessage({ type: 'pushed' })
  await worker.registration.showNotification(said.title, { body: said.text, tag: said.id, icon: '/icon-192.png', data: { link: said.link } })
  await worker.navigator.setAppBadge?.().catch(() => {}) // not installed
}

/** The open window shows it itself, so that a form that somebody fills in is not taken away. */
async function open(worker: ServiceWorkerGlobalScope, link: string): Promise<void> {
  const { pathname } = new URL(link, worker.location.origin)
  const [page] = await worker.clients.matchAll({ type: 'window' })
  if (!page) return void (await worker.clients.openWindow(pathname))
  page.postMessage({ type: 'open', path: pathname })
  await page.focus()
}
