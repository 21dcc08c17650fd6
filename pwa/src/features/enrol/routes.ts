import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/signin/code', component: () => import('./CodePage.vue'), meta: { open: true, shell: 'bare' } },
]
