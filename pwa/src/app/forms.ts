/** Open forms hold a shared lock over all tabs: a new version is put in place only when nobody holds it. */
import { onScopeDispose } from 'vue'

import { forget, keep, kept } from './kept'

const LOCK = 'mingcha-form'

/** Call in the set-up of every page where somebody types. */
export function useOpenForm(): void {
  if (!navigator.locks) return
  let close = () => {}
  const closed = new Promise<void>((resolve) => (close = resolve))
  void navigator.locks.request(LOCK, { mode: 'shared' }, () => closed)
  onScopeDispose(() => close())
}

/**
 * Holds this form for this window until the page is left; false when another window has it. The page that is being left
 * may still hold it: it is asked twice.
 */
export async function holdForm(key: string, left: AbortSignal): Promise<boolean> {
  if (!navigator.locks) return true
  const until = new Promise<void>((resolve) => left.addEventListener('abort', () => resolve(), { once: true }))
  for (const pauseMs of [0, 400]) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
    if (left.aborted) return true
    const got = await new Promise<boolean>((resolve) => {
      void navigator.locks.request(`mingcha-form-${key}`, { ifAvailable: true }, (lock) => {
        resolve(lock !== null)
        return lock ? until : undefined
      })
    })
    if (got) return true
  }
  return false
}

/** Runs `act` while no form is open in any tab; false when one is. */
export async function whenNoFormIsOpen(act: () => Promise<void>): Promise<boolean> {
  if (!navigator.locks) {
    await act()
    return true
  }
  return navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
    if (!lock) return false
    await act()
    return true
  })
}

/** Runs `act` as soon as no form is open in any tab. */
export async function onceNoFormIsOpen(act: () => void): Promise<void> {
  if (navigator.locks) await navigator.locks.request(LOCK, act)
  else act()
}

/** Whether there may be something to forget: a start without an open form needs no writing before its first page. */
let remembered = true

/** The open form's address, so that an app killed by the camera comes back to it. */
export function rememberForm(path: string): Promise<void> {
  remembered = true
  return keep('form', path)
}

export async function forgetForm(): Promise<void> {
  if (!remembered) return
  remembered = false
  await forget('form')
}

export async function rememberedForm(): Promise<string | undefined> {
  const form = await kept<string>('form')
  remembered = form !== undefined
  return form
}
