/** The app's own files: put by at install, served from there; any page address gives the app. */
import { createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'

/** Addresses that are the server's own. */
const SERVER = [/^\/api\//, /^\/schema/, /^\/healthz/, /^\/readyz/, /^\/metrics/]

export function pages(manifest: { url: string; revision: string | null }[]): void {
  precacheAndRoute(manifest)
  registerRoute(new NavigationRoute(createHandlerBoundToURL('/index.html'), { denylist: SERVER }))
}
