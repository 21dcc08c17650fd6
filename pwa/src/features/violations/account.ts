/** A person's points as the server counts them now. */
import { type MaybeRefOrGetter, onScopeDispose, ref, shallowRef, toValue, watch } from 'vue'

import { apiGet, Problem } from '@/api/client'

import type { Threshold } from './preview'

export interface Account {
  person: string
  cycle: string
  balance: number
  cap: number
  to_cap: number
  thresholds: (Threshold & { reached: boolean })[]
}

/** The account of one person; `state` says why there is none. Asked again when `version` changes. */
export function useAccount(person: MaybeRefOrGetter<string | undefined>, version: MaybeRefOrGetter<unknown>) {
  const account = shallowRef<Account>()
  const state = ref<'loading' | 'shown' | 'offline' | 'no_right'>('loading')
  let turn = 0
  watch(
    () => [toValue(person), toValue(version)] as const,
    async ([id]) => {
      const mine = ++turn
      if (account.value?.person !== id) {
        account.value = undefined
        state.value = 'loading'
      }
      if (!id) return
      try {
        const found = await apiGet<Account>(`/api/v1/points/people/${id}`)
        if (mine !== turn) return
        account.value = { ...found, person: id }
        state.value = 'shown'
      } catch (error) {
        if (mine === turn) state.value = error instanceof Problem && (error.status === 404 || error.status === 403) ? 'no_right' : 'offline'
      }
    },
    { immediate: true },
  )
  onScopeDispose(() => turn++)
  return { account, state }
}
