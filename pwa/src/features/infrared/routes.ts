import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/new/infrared/:id', component: () => import('./InfraredForm.vue'), props: true, meta: { form: true, roles: ['inspector', 'manager'] } },
]
