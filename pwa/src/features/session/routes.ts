import type { RouteRecordRaw } from 'vue-router'

import SignInPage from './SignInPage.vue' // small and the first page of a new phone: no second trip for it

export const routes: RouteRecordRaw[] = [
  { path: '/signin', component: SignInPage, meta: { open: true, shell: 'bare' } },
]
