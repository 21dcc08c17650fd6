import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/find', component: () => import('./FindPage.vue'), meta: { tab: 'find' } },
  { path: '/find/scan', component: () => import('./ScanPage.vue'), meta: { tab: 'find' } },
  { path: '/find/:kind(equipment|meter_box)/:id', component: () => import('./ThingPage.vue'), props: true, meta: { tab: 'find' } },
]
