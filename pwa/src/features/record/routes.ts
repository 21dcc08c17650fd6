import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/record', component: () => import('./RecordPage.vue'), meta: { tab: 'record' } },
  { path: '/r/:kind(infrared|hazard|finding|form|defect)/:id', component: () => import('./DetailPage.vue'), props: true, meta: { tab: 'record' } },
]
