/**
 * How many notices were not seen: on the tab, and on the app's icon where the browser can. Asked after a sync, once a
 * minute at most; what was found is kept for the list without a network.
 */
import { watch } from 'vue'

import { Problem, Unreachable } from '@/api/client'
import type { components } from '@/api/generated'
import { get } from '@/api/server'
import { whenNoFormIsOpen } from '@/app/forms'
import { router } from '@/app/router'
import { useSession } from '@/app/session'
import { unread } from '@/app/unread'
import { poke } from '@/sync/bus'
import { getMeta, setMeta, store } from '@/sync/db'
import { leaderStatus } from '@/sync/status'

export type Notices = components['schemas']['Notices']

const KEY = 'notices'
const EVERY_MS = 60_000

let asked = 0

function show(n: number): void {
  unread.value = n
  const told = n > 0 ? navigator.setAppBadge?.(n) : navigator.clearAppBadge?.()
  void told?.catch(() => {}) // not installed: there is no icon to write on
}

export const keptNotices = () => getMeta<Notices>(store(), KEY)

async function keep(found: Notices): Promise<Notices> {
  await setMeta(store(), KEY, found)
  show(found.unread)
  return found
}

/** Problem and Unreachable when the server does not say. */
export async function askNotices(): Promise<Notices> {
  asked = Date.now()
  return keep(await get('/api/v1/notices'))
}

/** They were in sight. */
export async function seen(found: Notices): Promise<void> {
  const at = new Date().toISOString()
  await keep({ ...found, unread: 0, notices: found.notices.map((one) => ({ ...one, read_at: one.read_at ?? at })) })
}

async function refresh(): Promise<void> {
  if (!useSession().me.value || Date.now() - asked < EVERY_MS) return
  try {
    await askNotices()
  } catch (error) {
    if (!(error instanceof Problem || error instanceof Unreachable)) throw error // the next sync asks again
  }
}

/** A notification was pressed while the app was open: its page opens, unless somebody is typing. */
function opened(event: MessageEvent): void {
  const said = event.data as { type?: string; path?: string } | null
  if (said?.type === 'pushed') poke('push')
  if (said?.type === 'open' && said.path) void whenNoFormIsOpen(async () => void (await router.push(said.path!)))
}

let watching = false

/** Called once the first page stands. */
export async function watchNotices(): Promise<void> {
  if (watching) return
  watching = true
  navigator.serviceWorker?.addEventListener('message', opened)
  const { me } = useSession()
  watch(() => me.value?.person.id, () => {
    asked = 0
    if (!me.value) show(0)
  })
  watch(() => leaderStatus.value.lastSync, () => void refresh())
  if (!me.value) return
  show((await keptNotices())?.unread ?? 0)
  if (leaderStatus.value.lastSync !== null) await refresh()
}
