/** What a photo has to say for itself: a picture, or honestly why there is none. */
import { computed, onScopeDispose, type Ref, ref, shallowRef, toValue, watch, type MaybeRefOrGetter } from 'vue'

import { apiGet, Problem } from '@/api/client'
import type { components } from '@/api/generated'
import type { PhotoRef } from '@/api/kinds'
import { type PhotoFacts, serverUrl, usePhotoUrl, type View } from '@/media/attach'

import { makeReady, ready } from './ready'
import { useLatest } from './useLatest'

export type PictureState = 'loading' | 'shown' | 'missing' | 'pending' | 'failed' | 'offline' | 'broken'

/** Why there is no picture for now: the server tries again. */
const PASSING: readonly string[] = ['crashed', 'timeout', 'original_missing']
const passing = (facts: PhotoFacts) => facts.derived === 'failed' && PASSING.includes(facts.reason ?? '')

/** Facts that can no longer change are asked for once. */
const settled = new Map<string, PhotoFacts>()
const asked = new Map<string, Promise<PhotoFacts | 'missing' | 'offline'>>()

async function ask(sha256: string): Promise<PhotoFacts | 'missing' | 'offline'> {
  try {
    const facts = await apiGet<PhotoFacts>(`/api/v1/photos/${sha256}/facts`)
    if (facts.derived !== 'pending' && !passing(facts)) settled.set(sha256, facts)
    return facts
  } catch (error) {
    return error instanceof Problem && error.status === 404 ? 'missing' : 'offline'
  } finally {
    asked.delete(sha256)
  }
}

/** What the server found in a photo; 'missing' when it has not got it, 'offline' when it cannot be asked. */
export async function photoKnown(sha256: string): Promise<PhotoFacts | 'missing' | 'offline'> {
  const known = settled.get(sha256)
  if (known) return known
  let call = asked.get(sha256)
  if (!call) asked.set(sha256, (call = ask(sha256)))
  return call
}

/** Fetches and decodes a photo in the view in which it will be shown, with what the server knows of it. */
export async function preload(photo: PhotoRef): Promise<void> {
  const known = await photoKnown(photo.sha256)
  const thermal = photo.role === 'thermal' && typeof known === 'object' && known.thermal
  await makeReady(photo.sha256, thermal ? 'thermal' : 'w1600')
}

/**
 * The server's facts of one photo, asked again while its derivatives are being made. `answered` once there was any
 * answer, also none: until then it is not known how a thermal picture will be shown.
 */
export function usePhotoFacts(sha256: MaybeRefOrGetter<string | undefined>): {
  facts: Ref<PhotoFacts | undefined>
  answered: Ref<boolean>
} {
  const facts = shallowRef<PhotoFacts>()
  const answered = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let turn = 0
  async function read(hash: string, mine: number): Promise<void> {
    const found = await photoKnown(hash)
    if (mine !== turn) return
    answered.value = true
    if (typeof found === 'string') return
    facts.value = found
    if (found.derived === 'pending') timer = setTimeout(() => void read(hash, mine), 2_000)
  }
  watch(
    () => toValue(sha256),
    (hash) => {
      clearTimeout(timer)
      facts.value = hash ? settled.get(hash) : undefined
      answered.value = facts.value !== undefined
      const mine = ++turn
      if (hash && !facts.value) void read(hash, mine)
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    turn++
    clearTimeout(timer)
  })
  return { facts, answered }
}

export type Capture = components['schemas']['Judged']

/** What the phone signed of a photo; undefined until the server has said so. */
export function useCapture(sha256: MaybeRefOrGetter<string | undefined>): Ref<Capture | undefined> {
  return useLatest(() => toValue(sha256), (hash) => apiGet<Capture>(`/api/v1/photos/${hash}/capture`))
}

/**
 * The picture of a photo in one view. The element reports `loaded` and `failed`; `attempt` is its key, so that trying
 * again makes a new element.
 */
export function usePicture(
  sha256: MaybeRefOrGetter<string | undefined>,
  view: MaybeRefOrGetter<View>,
  isMissing: MaybeRefOrGetter<boolean>,
) {
  /** Decoded before: it needs no look at what lies on this machine, and is there in the next frame. */
  const there = computed(() => ready(toValue(sha256), toValue(view)) !== undefined)
  const found = usePhotoUrl(() => (there.value ? undefined : toValue(sha256)), view)
  const url = computed(() => (there.value ? serverUrl(toValue(sha256)!, toValue(view)) : found.value))
  const state = ref<PictureState>(there.value ? 'shown' : 'loading')
  const reason = ref('')
  const attempt = ref(0)
  let timer: ReturnType<typeof setTimeout> | undefined

  function again(): void {
    clearTimeout(timer)
    state.value = there.value ? 'shown' : 'loading'
    attempt.value++
  }

  watch(() => [toValue(sha256), toValue(view)] as const, again)
  watch(
    () => toValue(isMissing),
    (missing, was) => {
      if (was && !missing) again()
    },
  )

  async function failed(): Promise<void> {
    const hash = toValue(sha256)
    if (!hash) return
    const found = await photoKnown(hash)
    if (hash !== toValue(sha256)) return
    if (found === 'missing') state.value = 'missing'
    else if (found === 'offline') state.value = toValue(isMissing) ? 'missing' : 'offline'
    else if (found.derived === 'pending') state.value = 'pending'
    else if (found.derived === 'failed') {
      state.value = 'failed'
      reason.value = found.reason ?? ''
      if (passing(found)) timer = setTimeout(again, 20_000)
    } else state.value = 'broken'
    if (state.value === 'pending') timer = setTimeout(again, 2_000)
    if (state.value === 'missing' || state.value === 'offline') timer = setTimeout(again, 20_000)
  }

  onScopeDispose(() => clearTimeout(timer))
  return { url, state, reason, attempt, again, loaded: () => (state.value = 'shown'), failed }
}
