/** Remarks that a reviewer has pinned and not sent yet, by record; kept on this machine until the return goes. */
import { ref } from 'vue'

import type { Remark } from '@/domain/remarks/remarks'
import { loadDraft, saveDraft } from '@/sync/records'

const KEY = 'desk:remarks'

export function useRemarks() {
  const all = ref<Record<string, Remark[]>>({})
  void loadDraft<Record<string, Remark[]>>(KEY).then((kept) => (all.value = { ...kept, ...all.value }))

  function set(id: string, remarks: Remark[]): void {
    const others = Object.fromEntries(Object.entries(all.value).filter(([other]) => other !== id))
    all.value = remarks.length > 0 ? { ...others, [id]: remarks } : others
    void saveDraft(KEY, JSON.parse(JSON.stringify(all.value)))
  }
  const of = (id: string | undefined): Remark[] => (id === undefined ? [] : (all.value[id] ?? []))

  return {
    of,
    set,
    add: (id: string, remark: Remark) => set(id, [...of(id), remark]),
    remove: (id: string, n: number) => set(id, of(id).filter((_, i) => i !== n)),
  }
}
