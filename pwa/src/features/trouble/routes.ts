import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/view-only', component: () => import('./ViewOnlyPage.vue'), meta: { tab: 'today' } },
  { path: '/other-window', component: () => import('./OtherWindowPage.vue'), meta: { tab: 'record' } },
]
