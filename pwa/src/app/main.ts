import './early'
import './afterLibraries'
import './i18n'
import './afterWords'
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
import { refreshSession, restoreSession, useSession } from './session'
import { registerWorker } from './update'
import { watchBroken } from '@/sync/broken'
import { tell } from '@/ui/ask'

watchInstall()
watchBroken()
restoreLook()
// An installed app mostly starts there: the page comes from the worker's store while the database opens.
const start = location.pathname === '/'
const today = start && navigator.serviceWorker?.controller ? import('@/features/today/TodayPage.vue').catch(() => undefined) : undefined
const restored = Promise.all([start ? rememberedForm() : undefined, restoreSession()])
await setLanguage(preferredLanguage())

window.addEventListener('vite:preloadError', (event) => {
  event.preventDefault()
  if (navigator.onLine && reloadOnce()) return
  tell(t('app.oldPageOffline'))
})

const app = createApp(App).use(i18n)
const [form] = await restored
app.use(router) // which asks at once who works here

if (start) {
  const first = form ?? landing()
  if (first !== '/') await router.replace(first)
  else if (useSession().me.value) void today?.then((page) => page?.readAhead())
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
