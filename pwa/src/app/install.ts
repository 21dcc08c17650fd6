/** Installing as an app, and whether the browser promised to keep the data. */
import { ref } from 'vue'

interface InstallEvent extends Event {
  prompt: () => Promise<void>
  userChoice: Promise<{ outcome: 'accepted' | 'dismissed' }>
}

const waiting = ref<InstallEvent>()
/** The browser offers to install. */
export const canInstall = ref(false)

export function watchInstall(): void {
  window.addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault()
    waiting.value = event as InstallEvent
    canInstall.value = true
  })
  window.addEventListener('appinstalled', () => (canInstall.value = false))
}

export async function install(): Promise<void> {
  await waiting.value?.prompt()
  const choice = await waiting.value?.userChoice
  if (choice?.outcome === 'accepted') canInstall.value = false
}

export function isInstalled(): boolean {
  return matchMedia('(display-mode: standalone)').matches || (navigator as { standalone?: boolean }).standalone === true
}

export function isApple(): boolean {
  return /iPhone|iPad|iPod/.test(navigator.userAgent)
}

export interface StorageFacts {
  persisted: boolean
  usedBytes: number
  quotaBytes: number
}

/** Asks the browser to keep the data, and says what it answered. */
export async function storageFacts(): Promise<StorageFacts | undefined> {
  if (!navigator.storage?.estimate) return undefined
  const persisted = (await navigator.storage.persisted?.()) || (await navigator.storage.persist?.()) || false
  const { usage = 0, quota = 0 } = await navigator.storage.estimate()
  return { persisted, usedBytes: usage, quotaBytes: quota }
}
