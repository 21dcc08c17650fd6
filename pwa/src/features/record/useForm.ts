/** The life of a form: draft restored after a kill, saved on every change, one record however often Save is pressed. */
import { onMounted, type Ref, ref } from 'vue'
import { useRoute, useRouter } from 'vue-router'

import type { Bodies, PhotoRef } from '@/api/kinds'
import { forgetForm, rememberForm, useOpenForm } from '@/app/forms'
import { t } from '@/app/i18n'
import type { Attached } from '@/media/attach'
import { getRecord, loadDraft, save as store, useDraft } from '@/sync/records'

export type FormKind = 'infrared' | 'hazard' | 'finding'
type FormPhoto = Attached | PhotoRef

interface Kept<K extends FormKind> {
  body: Partial<Bodies[K]>
  photos: FormPhoto[]
}

export function useForm<K extends FormKind>(kind: K, id: string, blank: Partial<Bodies[K]>) {
  const route = useRoute()
  const router = useRouter()
  const body = ref({ ...blank }) as Ref<Partial<Bodies[K]>>
  const photos = ref<FormPhoto[]>([])
  const ready = ref(false)
  const closed = ref(false)
  const returned = ref<string>()
  const busy = ref(false)
  const failed = ref(false)
  const asked = ref(false)
  useOpenForm()
  const { flush } = useDraft(
    () => `${kind}:${id}`,
    () => ({ body: body.value, photos: photos.value }),
    () => ready.value && !closed.value,
  )

  onMounted(async () => {
    rememberForm(route.fullPath)
    const [record, draft] = await Promise.all([getRecord(kind, id), loadDraft<Kept<K>>(`${kind}:${id}`)])
    closed.value = record !== undefined && !['draft', 'returned'].includes(record.state)
    returned.value = record?.state === 'returned' ? reasonOf(record.log) : undefined
    const data = record?.data as Partial<Bodies[K]> | undefined
    body.value = { ...blank, ...data, ...draft?.body }
    // A preview's address dies with the page; the picture itself is in the database.
    photos.value = (draft?.photos ?? data?.photos ?? []).map((photo) => ({ ...photo, preview: '' }))
    ready.value = true
  })

  async function save(event?: 'submit'): Promise<void> {
    if (!ready.value) return
    busy.value = true
    failed.value = false
    try {
      await store(kind, id, body.value, { photos: photos.value, ...(event ? { event: { type: event } } : {}) })
      closed.value = true // the draft is gone with the save; nothing may write it again
      forgetForm()
      await router.replace(`/r/${kind}/${id}`)
    } catch (error) {
      failed.value = true
      throw error // the log of the app keeps it
    } finally {
      busy.value = false
    }
  }

  /** Submits when nothing is missing, else shows what is. */
  async function submit(missing: readonly string[]): Promise<void> {
    asked.value = true
    if (missing.length === 0) await save('submit')
    else document.querySelector(`[data-section="${missing[0]}"]`)?.scrollIntoView({ block: 'start' })
  }

  return { body, photos, ready, closed, returned, busy, failed, asked, flush, save, submit, t }
}

export function reasonOf(log: readonly { type: string; data: Record<string, unknown> }[]): string {
  const last = log.findLast((entry) => entry.type === 'return' || entry.type === 'reject')
  return typeof last?.data.reason === 'string' ? last.data.reason : ''
}
