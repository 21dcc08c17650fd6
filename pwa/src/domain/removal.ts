/**
 * A deleted draft can be taken back for ten seconds: it is out of sight at once and removed when they are over.
 * An app that closes meanwhile keeps the draft, which is the better mistake.
 */
import { shallowRef } from 'vue'

import type { KindName } from '@/api/kinds'
import { removeRecord } from '@/sync/records'

export const TAKE_BACK_MS = 10_000

const going = shallowRef<{ kind: KindName; id: string }>()
let timer: ReturnType<typeof setTimeout> | undefined

async function settle(): Promise<void> {
  clearTimeout(timer)
  const last = going.value
  if (!last) return
  await removeRecord(last.kind, last.id)
  if (going.value === last) going.value = undefined
}

export function useRemoval() {
  return {
    going,
    isGoing: (id: string) => going.value?.id === id,
    /** Removes a draft in ten seconds; an earlier one that still waits is removed now. */
    async remove(kind: KindName, id: string): Promise<void> {
      await settle()
      going.value = { kind, id }
      timer = setTimeout(() => void settle(), TAKE_BACK_MS)
    },
    takeBack(): void {
      clearTimeout(timer)
      going.value = undefined
    },
  }
}
