/** Why something of this phone is not on the server yet. The words stand under `waiting.<reason>` in both languages. */
import { Problem, Unreachable } from '@/api/client'

import { isLost } from './broken'

/**
 * sending: on its way · soon: the next turn · signal: no answer · between: somebody on the way answered in the server's place · asked: the server asked to wait · upgrade: the app is newer than the server · backoff: the server had
 * trouble · signin: the session ended · revoked: this device was stopped · old: the app is too old to receive · storage: this
 * phone is full · database: this phone's database does not answer · full: the server is full · other_tab: another page of the app has the turn · record_first: a photo waits for
 * its record · photos_first: for the photos before it · wifi, now, day: a photo waits for Wi-Fi, for the person's word, for
 * tomorrow · undo: it can still be taken back · draft: not saved yet
 */
export const REASONS = [
  'sending', 'soon', 'signal', 'between', 'upgrade', 'asked', 'backoff', 'signin', 'revoked', 'old', 'storage', 'database', 'full', 'other_tab', 'record_first', 'photos_first', 'wifi', 'now', 'day', 'undo', 'draft',
] as const
export type Reason = (typeof REASONS)[number]

/** The reason behind a round that failed. */
export function reasonOf(error: unknown): Reason {
  if (error instanceof Unreachable) return error.between ? 'between' : 'signal'
  if (error instanceof Problem) {
    if (error.status === 401) return 'signin'
    if (error.code === 'device_revoked') return 'revoked'
    if (error.status === 507) return 'full'
    if (error.code === 'schema_too_new') return 'upgrade'
    return error.retryAfter === undefined ? 'backoff' : 'asked'
  }
  if (isFull(error)) return 'storage'
  return isLost(error, true) ? 'database' : 'backoff'
}

/** Dexie hides the browser's error inside its own. */
function isFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return error.name === 'QuotaExceededError' || isFull((error as { inner?: unknown }).inner)
}
