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

/** The open form's address, so that an app killed by the camera comes back to it. */
export function rememberForm(path: string): Promise<void> {
  return keep('form', path)
}

export function forgetForm(): Promise<void> {
  return forget('form')
}

export function rememberedForm(): Promise<string | undefined> {
  return kept('form')
}
