import type { RouteRecordRaw } from 'vue-router'

/** Opened by a watermark's QR code, by anybody. */
export const routes: RouteRecordRaw[] = [{ path: '/verify/:token', component: () => import('./VerifyPage.vue'), meta: { open: true, shell: 'bare' } }]
