import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/where', component: () => import('./WherePage.vue'), meta: { tab: 'me' } },
  { path: '/where/:id', component: () => import('./WhereRecordPage.vue'), props: true, meta: { tab: 'me' } },
  { path: '/desk/where', component: () => import('./DeskWherePage.vue'), meta: { shell: 'desk' } },
]
