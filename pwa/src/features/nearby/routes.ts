import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [{ path: '/find/near', component: () => import('./NearPage.vue'), meta: { tab: 'find' } }]
