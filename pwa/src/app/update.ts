/** A new version waits until nobody types; it is never put in place under an open form. */
import { ref } from 'vue'

import { onceNoFormIsOpen, whenNoFormIsOpen } from './forms'

/** none · ready: downloaded, it waits · busy: told to start, and the one in use is finishing its last requests. */
export const update = ref<'none' | 'ready' | 'busy'>('none')

// A worker that just woke up lets go of its place only after half a minute without work.
const LONGEST_MS = 90_000

let registration: ServiceWorkerRegistration | undefined
let reloading = false

export async function registerWorker(): Promise<void> {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return
  const controlled = navigator.serviceWorker.controller !== null
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    // The first worker takes over a page that it fits; a later one brings new files.
    if (!controlled || reloading) return
    reloading = true
    // Somebody may have begun to type while the old worker was finishing.
    void onceNoFormIsOpen(() => location.reload())
  })
  registration = await navigator.serviceWorker.register('/sw.js')
  watchWaiting(registration)
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void registration?.update().catch(() => {}) // offline: next time
  })
  // At the start of the app nothing is being typed yet.
  if (registration.waiting) void applyUpdate()
}

function watchWaiting(found: ServiceWorkerRegistration): void {
  const look = () => {
    if (update.value !== 'busy') update.value = found.waiting && navigator.serviceWorker.controller ? 'ready' : 'none'
  }
  look()
  found.addEventListener('updatefound', () => found.installing?.addEventListener('statechange', look))
}

/** Asks the server for a newer version and puts it in place as soon as it is here; without one the page is loaded anew. */
export async function lookForUpdate(): Promise<void> {
  await registration?.update().catch(() => {}) // offline: the notice stays
  const coming = registration?.installing
  if (coming) await new Promise<void>((resolve) => coming.addEventListener('statechange', () => coming.state !== 'installing' && resolve()))
  if (!(await applyUpdate()) && update.value === 'none') await whenNoFormIsOpen(async () => location.reload())
}

/** Puts the new version in place; false while a form is open in any tab. */
export async function applyUpdate(): Promise<boolean> {
  const waiting = registration?.waiting
  if (update.value === 'busy') return true
  if (!waiting) return false
  return whenNoFormIsOpen(async () => {
    update.value = 'busy'
    const changed = new Promise<void>((resolve) => {
      navigator.serviceWorker.addEventListener('controllerchange', () => resolve(), { once: true })
      setTimeout(resolve, LONGEST_MS)
    })
    waiting.postMessage({ type: 'activate' })
    await changed
    if (!reloading) update.value = 'ready'
  })
}
