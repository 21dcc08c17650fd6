import '@/ui/base.css'
import '@/ui/vant.css'

import { createApp } from 'vue'

import { t } from './i18n'
import App from './App.vue'
import { rememberedForm } from './forms'
import { i18n, preferredLanguage, setLanguage } from './i18n'
import { watchInstall } from './install'
import { restoreLook } from './look'
import { landing, reloadOnce, router } from './router'
import { refreshSession, restoreSession } from './session'
import { registerWorker } from './update'
import { watchBroken } from '@/sync/broken'
import { tell } from '@/ui/ask'

watchInstall()
watchBroken()
restoreLook()
// An installed app mostly starts there: the page comes from the worker's store while the database opens.
if (location.pathname === '/' && navigator.serviceWorker?.controller) void import('@/features/today/TodayPage.vue').catch(() => undefined)
await restoreSession()
await setLanguage(preferredLanguage())

window.addEventListener('vite:preloadError', (event) => {
  event.preventDefault()
  if (navigator.onLine && reloadOnce()) return
  tell(t('app.oldPageOffline'))
})

const app = createApp(App).use(i18n).use(router)

if (location.pathname === '/') {
  const start = (await rememberedForm()) ?? landing()
  if (start !== '/') await router.replace(start)
}
await router.isReady()
await new Promise((resolve) => setTimeout(resolve)) // a task of its own for what is drawn now
app.mount('#app')

// What somebody waits for comes first: the page and its list. Then sending; the first worker fetches the whole app.
function later(): void {
  void refreshSession()
  void registerWorker()
}
if ('requestIdleCallback' in window) requestIdleCallback(later, { timeout: 2000 })
else setTimeout(later, 500) // WebKit has none
