import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/new/finding/:id', component: () => import('./FindingForm.vue'), props: true, meta: { form: true, roles: ['inspector'] } },
]
