import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [{ path: '/desk/board', component: () => import('./BoardPage.vue'), meta: { shell: 'desk' } }]
