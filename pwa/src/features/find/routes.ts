import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [{ path: '/find', component: () => import('./FindPage.vue'), meta: { tab: 'find' } }]
