import type { RouteRecordRaw } from 'vue-router'

const roles = ['supervisor', 'leader', 'admin', 'auditor']

export const routes: RouteRecordRaw[] = [
  {
    path: '/desk',
    component: () => import('./DeskShell.vue'),
    meta: { shell: 'desk', roles },
    redirect: '/desk/review',
    children: [
      { path: 'review', component: () => import('@/features/review/ReviewPage.vue'), meta: { shell: 'desk', roles } },
      { path: 'violations', component: () => import('@/features/violations/ViolationsPage.vue'), meta: { shell: 'desk', roles } },
      { path: 'ledger', component: () => import('@/features/ledger/LedgerPage.vue'), meta: { shell: 'desk', roles } },
      { path: 'board', component: () => import('./BoardPage.vue'), meta: { shell: 'desk', roles } },
    ],
  },
]
