import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/new/hazard/:id', component: () => import('./HazardForm.vue'), props: true, meta: { form: true, roles: ['inspector', 'manager'] } },
]
