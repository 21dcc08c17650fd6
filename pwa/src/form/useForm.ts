/** The life of a form: draft restored after a kill, saved on every change, one record however often Save is pressed. */
import { computed, type InjectionKey, nextTick, onBeforeUnmount, onScopeDispose, onMounted, provide, type Ref, ref, shallowRef, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'

import type { Bodies, PhotoRef } from '@/api/kinds'
import { eventFrom, eventNamed } from '@/api/rules'
import { forgetForm, holdForm, rememberForm, useOpenForm } from '@/app/forms'
import { t } from '@/app/i18n'
import { useRemoval } from '@/domain/removal'
import { type Answers, type Remark, remarksOf, sentAnswers, unanswered } from '@/domain/remarks/remarks'
import { reasonOf } from '@/domain/said'
import { items, touch } from '@/domain/trace'
import { markRead } from '@/domain/todos'
import type { Attached } from '@/media/attach'
import { useJoining } from '@/media/joining'
import { amend, dropDraft, getRecord, loadDraft, type Rec, save as store, type Unstored, unstored, useDraft } from '@/sync/records'
import { confirm } from '@/ui/ask'
import { FIXED } from '@/ui/fixed'

export type FormKind = 'infrared' | 'hazard' | 'finding' | 'form'
type FormPhoto = Attached | PhotoRef

/** Something a submission still needs: its words, and the name of the field or photo frame to go to. */
export interface Gap {
  text: string
  at: string
}

/** What the frame shows instead of Save and Submit when a record that was handed in is corrected. */
export interface Amending {
  on: Ref<boolean>
  reason: Ref<string>
  /** Submit was pressed without a reason, or with nothing changed. */
  lacks: Ref<'' | 'reason' | 'change'>
  discard: () => Promise<void>
}
export const AMENDING: InjectionKey<Amending> = Symbol('amending')
/** Whether the form is filled in for practice. */
export const PRACTICE: InjectionKey<Ref<boolean>> = Symbol('practice')

/** What the frame shows of a return: its remarks, what was said to them, and which one is before the person. */
export interface Returning {
  record: Ref<Rec | undefined>
  remarks: Ref<readonly Remark[]>
  answers: Ref<Answers>
  at: Ref<number>
}
export const RETURNING: InjectionKey<Returning> = Symbol('returning')

/** What records into a form needs of it. */
export interface Recording {
  photos: Ref<FormPhoto[]>
  /** Photos that were handed in. */
  stay: Ref<ReadonlySet<string>>
  flush: () => Promise<void>
  /** The form's draft with these photos in it. */
  draft: (photos: FormPhoto[]) => { key: string; state: unknown } | undefined
  /** Key of that draft. */
  key: string
}
export const RECORDING: InjectionKey<Recording> = Symbol('recording')

interface Kept<K extends FormKind> {
  body: Partial<Bodies[K]>
  photos: FormPhoto[]
  /** Why a record is amended. */
  reason?: string
  /** What was said to the remarks of a return. */
  answers?: Answers
  /** The field or frame where the person was. */
  at?: string
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
  const unsaved = ref<Unstored>('')
  const asked = ref(false)
  const amending: Amending = { on: ref(route.query.amend !== undefined), reason: ref(''), lacks: ref(''), discard: async () => {} }
  provide(AMENDING, amending)
  const returning: Returning = { record: shallowRef(), remarks: shallowRef([]), answers: ref({}), at: ref(0) }
  provide(RETURNING, returning)
  provide(PRACTICE, computed(() => body.value.practice === true))
  const amends = eventNamed(kind, 'amend')?.amends ?? []
  provide(FIXED, (name) => amending.on.value && !amends.includes(name))
  /** Photos that were handed in: an amendment adds to them. */
  const stay = ref<ReadonlySet<string>>(new Set())
  const draftKey = `${amending.on.value ? 'amend:' : ''}${kind}:${id}`
  useOpenForm()
  const gone = new AbortController()
  onScopeDispose(() => gone.abort())
  const joining = useJoining(photos)
  const typed = () => ({
    body: body.value,
    photos: joining.now(),
    ...(amending.on.value ? { reason: amending.reason.value } : {}),
    ...(Object.keys(returning.answers.value).length > 0 ? { answers: returning.answers.value } : {}),
  })
  const at = usePlace()
  const kept = (): Kept<K> => ({ ...typed(), ...(at.value ? { at: at.value } : {}) })
  /** What stood in the form of a record before anything was typed: looking alone leaves no draft behind. */
  let untouched = ''
  // A draft that is written while the record is stored would come after the store has removed it.
  const open = () => ready.value && !closed.value && !busy.value
  const draftSaved = useDraft(() => draftKey, kept, () => open() && JSON.stringify(typed()) !== untouched)
  let remembered: Promise<void> | undefined
  /** Form and draft are on disk. */
  const flush = async () => void (await Promise.all([remembered, draftSaved.flush()]))
  /** What could not be stored, and why, as the frame says it. */
  const failed = computed(() => unsaved.value || (draftSaved.lacks.value && (`draft_${draftSaved.lacks.value}` as const)))
  const draft = (taken: FormPhoto[]) => {
    joining.join(taken)
    return open() ? { key: draftKey, state: kept() } : undefined
  }

  provide(RECORDING, { photos, stay, flush, draft, key: draftKey })

  /** The filling trace follows every change; an amendment is in the log instead. */
  let seen: ReadonlyMap<string, string> = new Map()
  watch([body, photos], () => {
    if (!ready.value || amending.on.value) return
    const now = items(body.value, photos.value)
    const before = body.value.trace ?? []
    const trace = touch(before, seen, now, new Date())
    seen = now
    if (trace !== before) body.value.trace = trace
  }, { deep: true })

  // Who leaves an amendment means it; a killed app comes back to it.
  onBeforeUnmount(() => {
    if (amending.on.value) void forgetForm()
  })
  onMounted(async () => {
    remembered = rememberForm(route.fullPath)
    if (!(await holdForm(draftKey, gone.signal))) {
      await router.replace({ path: '/other-window', query: { to: route.fullPath } })
      return
    }
    const [record, before] = await Promise.all([getRecord(kind, id), loadDraft<Kept<K>>(draftKey)])
    const allowed = amending.on.value ? record && eventFrom(kind, record.state, 'amend') : !record || ['draft', 'returned'].includes(record.state)
    closed.value = !allowed
    returned.value = record?.state === 'returned' ? reasonOf(record.log) : undefined
    if (record && returned.value !== undefined) void markRead(record)
    const data = record?.data as Partial<Bodies[K]> | undefined
    const said = Object.fromEntries(Object.entries(data ?? {}).filter(([, value]) => value !== null)) as Partial<Bodies[K]>
    // What the form offers at first was not measured: an amendment begins with what was handed in.
    body.value = { ...(amending.on.value ? {} : blank), ...said, ...before?.body }
    // Only what is begun can be for practice: the first save says it, and it stays.
    if (!record && !before && route.query.practice !== undefined) body.value.practice = true
    if (amending.on.value) stay.value = new Set(data?.photos?.map(({ sha256 }) => sha256))
    amending.reason.value = before?.reason ?? ''
    if (record && returned.value !== undefined) {
      returning.record.value = record as Rec
      returning.remarks.value = remarksOf(record.log)
      returning.answers.value = before?.answers ?? {}
      returning.at.value = unanswered(returning.remarks.value, returning.answers.value)[0] ?? 0
    }
    // A preview's address dies with the page; the picture itself is in the database.
    photos.value = (before?.photos ?? data?.photos ?? []).map((photo) => ({ ...photo, preview: '' }))
    if (record && !before) untouched = JSON.stringify(typed())
    seen = items(body.value, photos.value)
    ready.value = true
    if (before?.at) await returnTo(before.at)
  })

  /** `sent` replaces fields that are not fit to be sent yet; what was typed there stays in the draft. */
  async function save(event?: 'submit', sent: Partial<Bodies[K]> = {}): Promise<void> {
    if (!ready.value || busy.value) return
    busy.value = true
    unsaved.value = ''
    try {
      const unfit = !event && Object.keys(sent).length > 0 ? { unfit: kept() } : {}
      const answers = sentAnswers(returning.remarks.value, returning.answers.value)
      const handedIn = event && { event: { type: event, ...(answers.length > 0 ? { data: { answers } } : {}) } }
      await store(kind, id, cleared({ ...body.value, ...sent }), { photos: photos.value, ...handedIn, ...unfit })
      closed.value = true // the draft is gone with the save; nothing may write it again
      forgetForm()
      await router.replace(`/r/${kind}/${id}`)
    } catch (error) {
      unsaved.value = unstored(error)
      throw error // the log of the app keeps it
    } finally {
      busy.value = false
      await flush() // what was typed meanwhile, if the form stays open
    }
  }

  watch([amending.reason, body, photos], () => (amending.lacks.value = ''), { deep: true })

  /** Submits when nothing is missing, else goes to the first gap. */
  async function submit(gaps: readonly Gap[], sent: Partial<Bodies[K]> = {}): Promise<void> {
    asked.value = true
    const [first] = gaps
    const [open] = unanswered(returning.remarks.value, returning.answers.value)
    if (!first && amending.on.value) return correct(sent)
    if (!first && open === undefined) return save('submit', sent)
    if (!first) {
      returning.at.value = open!
      return
    }
    await nextTick()
    jump(first.at)
  }

  /** Stores the amendment; without a reason, or with nothing changed, it says so. */
  async function correct(sent: Partial<Bodies[K]>): Promise<void> {
    amending.lacks.value = amending.reason.value.trim() ? '' : 'reason'
    if (amending.lacks.value) return jump('amend-reason')
    if (busy.value) return
    busy.value = true
    unsaved.value = ''
    try {
      const wanted = cleared({ ...body.value, ...sent, photos: photos.value }) as Record<string, unknown>
      if (!(await amend(kind, id, wanted, amending.reason.value.trim()))) {
        amending.lacks.value = 'change'
        return jump('amend-reason')
      }
      closed.value = true
      forgetForm()
      await router.replace(`/r/${kind}/${id}`)
    } catch (error) {
      unsaved.value = unstored(error)
      throw error
    } finally {
      busy.value = false
      await flush()
    }
  }

  /** Leaves the record as it is and forgets what was typed. */
  async function discard(): Promise<void> {
    closed.value = true
    await dropDraft(draftKey)
    forgetForm()
    await router.replace(`/r/${kind}/${id}`)
  }
  amending.discard = discard

  /** Puts the draft away; for ten seconds the list offers it back. */
  async function remove(): Promise<void> {
    if (!(await confirm({ title: t('record.remove'), text: t('record.remove_sure'), ok: t('record.remove_yes'), cancel: t('record.keep'), danger: true }))) return
    await flush()
    await useRemoval().remove(kind, id)
    forgetForm()
    await router.replace('/record')
  }

  /** What is missing at a field, once Submit was pressed. */
  const lacks = (gaps: readonly Gap[], at: string) => (asked.value ? gaps.find((gap) => gap.at === at)?.text : undefined)

  return { body, photos, amends: amending.on.value, ready, closed, returned, busy, failed, asked, kept: stay, flush, draft, save, submit, remove, lacks }
}

/** Empty texts and lists say nothing yet: null clears such a field, which a draft may always do. */
function cleared<T extends object>(body: T): T {
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, value === '' || (Array.isArray(value) && value.length === 0) ? null : value]),
  ) as T
}

/** The field or photo frame that was touched last. */
function usePlace(): Ref<string> {
  const at = ref('')
  const touched = ({ target }: FocusEvent) => {
    const name = /^(?:field|photo)-([\w-]+)$/.exec((target as HTMLElement).dataset?.testid ?? '')?.[1]
    if (name) at.value = name
  }
  document.addEventListener('focusin', touched)
  onBeforeUnmount(() => document.removeEventListener('focusin', touched))
  return at
}

/** Where the person was before the app was closed, in the middle of the screen; the keyboard stays down. */
async function returnTo(at: string): Promise<void> {
  await nextTick()
  show(at)
}

function placeOf(at: string): HTMLElement | null {
  return document.getElementById(`f-${at}`) ?? document.querySelector<HTMLElement>(`[data-testid="photo-${at}"], [data-testid="field-${at}"]`)
}

/** Brings a field into sight, or the photo frames for what has no input of its own: a frame that is filled. */
export function show(at: string): void {
  const place = placeOf(at)?.closest('.field, .switch-field, .frames') ?? document.querySelector('.frames')
  place?.scrollIntoView({ block: 'center' })
}

/** Brings a field or a photo frame into sight and puts the finger on it. */
export function jump(at: string): void {
  const field = placeOf(at)
  field?.closest('.field, .frames')?.scrollIntoView({ block: 'center' })
  field?.focus({ preventScroll: true })
}
