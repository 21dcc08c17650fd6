import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/desk/zeros', component: () => import('./ZerosPage.vue'), meta: { shell: 'desk' } },
  { path: '/desk/coverage', component: () => import('./CoveragePage.vue'), meta: { shell: 'desk' } },
  { path: '/desk/map', component: () => import('./MapPage.vue'), meta: { shell: 'desk' } },
]
