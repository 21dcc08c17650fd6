/** Who works on this phone. Known offline after the first sign-in: what the server said is kept, the token never. */
import { computed, type ComputedRef, readonly, shallowRef } from 'vue'

import { Problem, Unreachable } from '@/api/client'
import type { components } from '@/api/generated'
import * as server from '@/api/server'
import { poke } from '@/sync/bus'
import { closeStore, openStore } from '@/sync/db'
import { startSync, stopSync } from '@/sync/loop'
import { setSelf } from '@/sync/records'
import { count, setClockLimit } from '@/sync/status'

import { forget, keep, kept } from './kept'
import { noteLeft } from './left'

export type Role = 'inspector' | 'crew' | 'manager' | 'supervisor' | 'leader' | 'admin' | 'auditor'

export type Me = Omit<components['schemas']['Me'], 'roles'> & { roles: Role[] }
const me = shallowRef<Me>()

function use(found: Me): void {
  me.value = found
  setSelf({ id: found.person.id, name: found.person.name })
  if (found.clock_limit_s) setClockLimit(found.clock_limit_s) // kept from an older server: the default holds
  openStore(found.person.id)
}

/** Opens the last person's database without asking the server. Sending starts with `refreshSession`: the first page comes first. */
export async function restoreSession(): Promise<void> {
  const known = await kept<Me>('me')
  if (known) use(known)
}

/** Starts to send and to receive, and asks the server who is signed in; a changed right takes effect, no answer changes nothing. */
export async function refreshSession(): Promise<void> {
  if (!me.value) return
  startSync()
  try {
    const found = (await server.get('/api/v1/session')) as Me
    if (found.person.id !== me.value.person.id) return
    await keep('me', found)
    use(found)
  } catch (error) {
    if (!(error instanceof Problem || error instanceof Unreachable)) throw error
    // Offline or expired: the sync loop says so.
  }
}

/** Before somebody else's database is opened, or none: what stays here unsent. */
async function leaveWork(): Promise<void> {
  if (!me.value) return
  const { ops, photos } = await count()
  await noteLeft({ id: me.value.person.id, name: me.value.person.name, ops, photos })
}

/** Problem `bad_credentials`, `locked_out`; Unreachable when offline. */
const signIn = async (login: string, password: string): Promise<Me> => enter((await server.post('/api/v1/session', { login, password })) as Me)

/** By a code that the desk shows: Problem `enrolment_ended`, `locked_out`; Unreachable when offline. */
const signInByCode = async (code: string): Promise<Me> => enter((await server.post('/api/v1/session/code', { code })) as Me)

async function enter(found: Me): Promise<Me> {
  if (me.value && me.value.person.id !== found.person.id) {
    stopSync()
    await leaveWork()
  }
  await noteLeft({ id: found.person.id, name: found.person.name, ops: 0, photos: 0 })
  await keep('me', found)
  use(found)
  startSync()
  poke('signin') // a loop that stopped at an ended session goes on at once
  return found
}

/**
 * Forgets the session on this phone, and on the server when it can be told (false when not). The database with unsent
 * work stays for the person's next sign-in.
 */
async function signOut(): Promise<boolean> {
  stopSync()
  const told = await server.remove('/api/v1/session').then(
    () => true,
    (error: unknown) => error instanceof Problem,
  )
  await leaveWork()
  await leave()
  return told
}

/** Forgets who works here, and closes the database with whatever is in it. */
async function leave(): Promise<void> {
  stopSync()
  await forget('me')
  me.value = undefined
  closeStore()
}

function can(...roles: Role[]): boolean {
  return roles.some((role) => me.value?.roles.includes(role))
}

export interface Session {
  me: Readonly<typeof me>
  roles: ComputedRef<Role[]>
  can: (...roles: Role[]) => boolean
  signIn: (login: string, password: string) => Promise<Me>
  signInByCode: (code: string) => Promise<Me>
  signOut: () => Promise<boolean>
  leave: () => Promise<void>
}

const roles = computed(() => me.value?.roles ?? [])

export function useSession(): Session {
  return { me: readonly(me) as typeof me, roles, can, signIn, signInByCode, signOut, leave }
}
