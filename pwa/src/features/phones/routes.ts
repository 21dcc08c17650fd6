import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/desk/phones', component: () => import('./PhonesPage.vue'), meta: { shell: 'desk', roles: ['supervisor', 'admin'] } },
]
