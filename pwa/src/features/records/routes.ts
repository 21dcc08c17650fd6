import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [{ path: '/desk/records', component: () => import('./RecordsPage.vue'), meta: { shell: 'desk' } }]
