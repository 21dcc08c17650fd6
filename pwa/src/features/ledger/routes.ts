import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [{ path: '/desk/ledger', component: () => import('./LedgerPage.vue'), meta: { shell: 'desk' } }]
