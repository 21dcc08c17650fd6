/** A new version waits until nobody types; it is never put in place under an open form. */
import { ref } from 'vue'

import { whenNoFormIsOpen } from './forms'

/** A new version is downloaded and waits. */
export const updateReady = ref(false)

let registration: ServiceWorkerRegistration | undefined
let reloading = false

export async function registerWorker(): Promise<void> {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return
  const controlled = navigator.serviceWorker.controller !== null
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    // The first worker takes over a page that it fits; a later one brings new files.
    if (!controlled || reloading) return
    reloading = true
    location.reload()
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
  const look = () => (updateReady.value = found.waiting !== null && navigator.serviceWorker.controller !== null)
  look()
  found.addEventListener('updatefound', () => found.installing?.addEventListener('statechange', look))
}

/** Puts the new version in place; false while a form is open in any tab. */
export async function applyUpdate(): Promise<boolean> {
  const waiting = registration?.waiting
  if (!waiting) return false
  return whenNoFormIsOpen(async () => {
    waiting.postMessage({ type: 'activate' })
    // Hold the lock until the page reloads, so that no tab opens a form in between.
    await new Promise((resolve) => setTimeout(resolve, 3000))
  })
}
