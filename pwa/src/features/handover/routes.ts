import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/desk/handover', component: () => import('./HandoverDesk.vue'), meta: { shell: 'desk', roles: ['supervisor', 'admin'] } },
]
