import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/record', component: () => import('./RecordPage.vue'), meta: { tab: 'record' } },
  { path: '/r/:kind(infrared|hazard|finding|defect)/:id', component: () => import('./DetailPage.vue'), props: true, meta: { tab: 'record' } },
  { path: '/new/infrared/:id', component: () => import('../infrared/InfraredForm.vue'), props: true, meta: { form: true, roles: ['inspector', 'manager'] } },
  { path: '/new/hazard/:id', component: () => import('../meterbox/HazardForm.vue'), props: true, meta: { form: true, roles: ['inspector', 'manager'] } },
  { path: '/new/finding/:id', component: () => import('../checks/FindingForm.vue'), props: true, meta: { form: true, roles: ['inspector'] } },
]
