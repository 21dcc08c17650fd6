import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/job/:id', component: () => import('./JobPage.vue'), props: true, meta: { tab: 'today' } },
  { path: '/job/:id/amend/:step(arrive|locate|repair|restore)', component: () => import('./AmendStepPage.vue'), props: true, meta: { tab: 'today' } },
]
