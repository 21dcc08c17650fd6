import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/desk/jobs', component: () => import('./JobsPage.vue'), meta: { shell: 'desk', roles: ['admin'] } },
]
