import type { RouteRecordRaw } from 'vue-router'

/** Opened by the QR codes of watermarks and dossiers, by anybody. */
export const routes: RouteRecordRaw[] = [
  { path: '/verify/:token', component: () => import('./VerifyPage.vue'), meta: { open: true, shell: 'bare' } },
  { path: '/verify/record/:token', component: () => import('./DossierPage.vue'), meta: { open: true, shell: 'bare' } },
]
