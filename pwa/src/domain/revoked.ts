/** The company stopped this phone: what the server has goes at once, and the rest once it was handed over. */
import Dexie from 'dexie'

import { CACHE } from '@/domain/basemap/cache'
import { carried } from '@/custody/carry'
import { getMeta, store } from '@/sync/db'
import { forgetHeld } from '@/custody/wipe'

import { forget } from '@/app/kept'
import { router } from '@/app/router'
import { useSession } from '@/app/session'

/** Tidies; a phone on which nothing is left that only it has forgets its person too. */
export async function tidy(): Promise<void> {
  const db = store()
  const left = await forgetHeld(db)
  await globalThis.caches?.delete(CACHE)
  if (!left && !(await carries(db.person))) await leaveForGood()
}

/** Whether a colleague's rescue file lies here that the server has not got. */
async function carries(person: string): Promise<boolean> {
  if (!(await getMeta<boolean>(store(), 'carrying'))) return false
  return (await carried(person).files.toArray()).some((file) => file.state === 'carrying')
}

/** Removes this person's databases, with whatever is in them, and asks for a sign-in. */
export async function leaveForGood(): Promise<void> {
  const { me, leave } = useSession()
  const person = me.value?.person.id
  if (!person) return
  await leave()
  await Promise.all([Dexie.delete(`mingcha-${person}`), Dexie.delete(`mingcha-carried-${person}`), forget('form')])
  await router.replace({ path: '/signin', query: { gone: '1' } })
}
