/** Changes that the administrator makes: what went wrong in words, and the staff read anew after each. */
import { inject, type InjectionKey, ref, type Ref } from 'vue'

import { callJson, jsonCall, Problem, rawFetch, Unreachable } from '@/api/client'
import { has, t } from '@/app/i18n'

import type { Staff } from './staff'

export interface Changing {
  staff: Ref<Staff | undefined>
  load: () => Promise<void>
}
export const CHANGING: InjectionKey<Changing> = Symbol('changing')

function wrong({ facts }: Problem): string {
  const [issue] = (facts.issues ?? []) as { code: string }[]
  if (!issue) return String(facts.title ?? '')
  return t(`staff.wrong.${has(`staff.wrong.${issue.code}`) ? issue.code : 'other'}`)
}

export function useChange() {
  const { staff, load } = inject(CHANGING)!
  const busy = ref(false)
  const trouble = ref('')
  const said = ref('')

  /** One call; what it gave, undefined when it was refused. The words of `done` are shown when it went well. */
  async function change<T>(method: string, path: string, body: object, done = ''): Promise<T | undefined> {
    busy.value = true
    trouble.value = said.value = ''
    try {
      const answer = await callJson<T>(rawFetch, path, jsonCall(method, body))
      await load()
      said.value = done
      return answer ?? ({} as T)
    } catch (error) {
      if (error instanceof Problem) trouble.value = wrong(error)
      else if (error instanceof Unreachable) trouble.value = t('staff.offline')
      else throw error
      return undefined
    } finally {
      busy.value = false
    }
  }
  return { staff, busy, trouble, said, change }
}
