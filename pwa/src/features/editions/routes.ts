import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/new/form/:id', component: () => import('./FormPage.vue'), props: true, meta: { form: true } },
  { path: '/desk/rules', component: () => import('./RulesPage.vue'), meta: { shell: 'desk', roles: ['admin', 'supervisor', 'leader', 'auditor'] } },
]
