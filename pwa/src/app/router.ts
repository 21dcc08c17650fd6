import { createRouter, createWebHistory, type RouteLocationNormalized } from 'vue-router'

import { browser } from './browser'
import { forgetForm, rememberForm } from './forms'
import { t } from './i18n'
import { routes } from './routes'
import { type Role, useSession } from './session'

const WIDE = '(min-width: 1024px)'

/** Where a person starts: deciding is desk work, recording is phone work. */
export function landing(): string {
  return useSession().can('supervisor') && matchMedia(WIDE).matches ? '/desk/review' : '/'
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    ...routes,
    { path: '/:rest(.*)*', component: () => import('./NotFound.vue'), meta: { open: true } },
  ],
  // Nothing has been scrolled at the start; asking for it would lay the page out in the middle of its making.
  scrollBehavior: (_to, from, saved) => saved ?? (from.matched.length > 0 && { top: 0 }),
})

router.beforeEach((to) => {
  const { me, can } = useSession()
  if (!me.value && !to.meta.open) return { path: '/signin', query: to.path === '/' ? {} : { to: to.fullPath } }
  if (to.meta.form && browser !== 'fine') return '/view-only'
  if (to.meta.roles && !can(...(to.meta.roles as Role[]))) return { path: '/no-right', query: { from: to.path } }
  return true
})

router.afterEach((to: RouteLocationNormalized) => {
  if (to.meta.form) void rememberForm(to.fullPath)
  else if (to.path !== '/other-window') void forgetForm() // the other window's form stays the open one
  document.title = t('app.name')
})

/** A chunk of the old build is gone: online the page is loaded anew once, offline it is said. */
export function reloadOnce(): boolean {
  const KEY = 'mingcha.reloaded'
  const last = Number(sessionStorage.getItem(KEY) ?? 0)
  if (Date.now() - last < 60_000) return false
  sessionStorage.setItem(KEY, String(Date.now()))
  location.reload()
  return true
}
