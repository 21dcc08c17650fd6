/**
 * All routes: each feature exports `routes` from `features/<name>/routes.ts`; pages are lazy imports.
 *
 * `meta.tab` names the lit tab; `meta.shell` is 'phone' (default), 'desk' (in the desk's frame) or
 * 'bare'; `meta.roles` limits a page to some roles; `meta.open` pages need no sign-in.
 */
import type { RouteRecordRaw } from 'vue-router'

declare module 'vue-router' {
  interface RouteMeta {
    tab?: 'today' | 'record' | 'find' | 'me'
    shell?: 'phone' | 'desk' | 'bare'
    roles?: string[]
    open?: boolean
    /** Somebody types here: after a kill the app comes back to it. */
    form?: boolean
  }
}

const modules = import.meta.glob<RouteRecordRaw[]>('../features/*/routes.ts', { eager: true, import: 'routes' })

const all = Object.values(modules).flat()

/** The desk's pages stand in its frame, and only these roles get in. */
const desk: RouteRecordRaw = {
  path: '/desk',
  component: () => import('@/desk/DeskShell.vue'),
  meta: { shell: 'desk', roles: ['supervisor', 'leader', 'admin', 'auditor'] },
  redirect: '/desk/review',
  children: all.filter((route) => route.meta?.shell === 'desk'),
}

export const routes: RouteRecordRaw[] = [...all.filter((route) => route.meta?.shell !== 'desk'), desk]
