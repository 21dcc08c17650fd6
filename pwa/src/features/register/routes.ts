import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/desk/import', component: () => import('./ImportPage.vue'), meta: { shell: 'desk', roles: ['admin'] } },
]
