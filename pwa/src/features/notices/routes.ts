import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [{ path: '/notices', component: () => import('./NoticesPage.vue'), meta: { tab: 'today' } }]
