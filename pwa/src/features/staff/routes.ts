import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/desk/staff', component: () => import('./StaffPage.vue'), meta: { shell: 'desk', roles: ['admin'] } },
]
