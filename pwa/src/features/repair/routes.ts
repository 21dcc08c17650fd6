import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [{ path: '/job/:id', component: () => import('./JobPage.vue'), props: true, meta: { tab: 'today' } }]
