import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [{ path: '/points', component: () => import('./PointsPage.vue'), meta: { tab: 'me' } }]
