import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [{ path: '/', component: () => import('./TodayPage.vue'), meta: { tab: 'today' } }]
