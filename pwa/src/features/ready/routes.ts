import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [{ path: '/ready', component: () => import('./ReadyPage.vue'), meta: { tab: 'today' } }]
