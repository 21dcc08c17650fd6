import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/signin', component: () => import('./SignInPage.vue'), meta: { open: true, shell: 'bare' } },
]
