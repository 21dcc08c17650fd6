import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/desk/returns', component: () => import('./ReturnsPage.vue'), meta: { shell: 'desk', roles: ['supervisor', 'leader', 'admin'] } },
]
