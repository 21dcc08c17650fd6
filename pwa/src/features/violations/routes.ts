import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [{ path: '/desk/violations', component: () => import('./ViolationsPage.vue'), meta: { shell: 'desk' } }]
