import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/desk/exceptions', component: () => import('./ExceptionsPage.vue'), meta: { shell: 'desk' } },
  { path: '/exceptions', component: () => import('./PhonePage.vue'), meta: { tab: 'me' } },
]
