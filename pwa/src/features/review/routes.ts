import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/desk/review', component: () => import('./ReviewPage.vue'), meta: { shell: 'desk' } },
  { path: '/desk/second', component: () => import('./SecondPage.vue'), meta: { shell: 'desk', roles: ['supervisor', 'leader', 'admin'] } },
]
