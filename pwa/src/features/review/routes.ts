import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [{ path: '/desk/review', component: () => import('./ReviewPage.vue'), meta: { shell: 'desk' } }]
