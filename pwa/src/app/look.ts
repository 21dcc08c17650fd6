/** Sunlight (black on white, bold), night (dim red), or the system's light and dark. */
import { ref } from 'vue'

export type Look = 'system' | 'sun' | 'night'
const KEY = 'mingcha.look'

export const look = ref<Look>('system')

export function setLook(wanted: Look): void {
  look.value = wanted
  if (wanted === 'system') delete document.documentElement.dataset.look
  else document.documentElement.dataset.look = wanted
  localStorage.setItem(KEY, wanted)
}

export function restoreLook(): void {
  const kept = localStorage.getItem(KEY)
  if (kept === 'sun' || kept === 'night') setLook(kept)
}
