/** The time on the wall, shared by all that count on the desk; beats every 15 s. */
import { onScopeDispose, type Ref, ref } from 'vue'

import { t } from '@/app/i18n'

import { lasting } from './format'

export function useNow(everyMs = 15_000): Ref<number> {
  const now = ref(Date.now())
  const timer = setInterval(() => (now.value = Date.now()), everyMs)
  onScopeDispose(() => clearInterval(timer))
  return now
}

/** A duration in words. */
export function lastingText(ms: number): string {
  const { key, values } = lasting(ms)
  return t(`desk.time.${key}`, values)
}
