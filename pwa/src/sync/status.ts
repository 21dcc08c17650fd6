/** Where the sync stands, for the strip, the sync page and the tests. */
import { computed, type ComputedRef, type EffectScope, effectScope, onScopeDispose, shallowRef } from 'vue'

import { t } from '@/app/i18n'
import { offBy } from '@/domain/clock'
import { lastingText } from '@/domain/time'
import { type Held, minutesFor } from '@/media/policy'
import type { IconName } from '@/ui/icons'

import { hear } from './bus'
import type { Skew } from './clock'
import { type Store, store } from './db'
import type { Reason } from './reasons'
import { useLive } from './records'

/** signin: the session ended · revoked: this device was stopped · old: the app is too old to receive. */
export type Phase = 'idle' | 'pushing' | 'pulling' | 'photos' | 'waiting' | 'offline' | 'signin' | 'revoked' | 'old'

/** What the leading tab tells the others. */
export interface LeaderStatus {
  phase: Phase
  /** Why what waits is not on the server yet. */
  reason: Reason
  /** Milliseconds since 1970. */
  lastSync: number | null
  nextTry: number | null
  /** Bytes a second of the last uploads; 0 unknown. */
  rate: number
  code: string | null
  /** Why photos wait that could go; null: they may. */
  held: Held | null
  /** What the server's clock is ahead of this device's, once known. */
  skew: Skew | null
}

export interface Counts {
  /** Records with unsent operations. */
  ops: number
  photos: number
  bytes: number
  /** Records and photos that need a person. */
  attention: number
}

/**
 * `counted`: the counts are this person's; false until the database has been read once. `clockOff`: what this device's
 * clock is ahead of the server's, ms, when that is worth telling; else 0.
 */
export type SyncStatus = LeaderStatus & Counts & { counted: boolean; clockOff: number }

let clockLimitMs = 300_000

/** From how many seconds on people are told that a clock is off; the session knows it. */
export function setClockLimit(seconds: number): void {
  clockLimitMs = seconds * 1000
}

export const clockLimit = (): number => clockLimitMs

export const NOTHING: LeaderStatus = { phase: 'idle', reason: 'other_tab', lastSync: null, nextTry: null, rate: 0, code: null, held: null, skew: null }
const NO_COUNTS: Counts = { ops: 0, photos: 0, bytes: 0, attention: 0 }

export const leaderStatus = shallowRef<LeaderStatus>(NOTHING)
hear((message) => {
  if (message.type === 'status') leaderStatus.value = message.status as LeaderStatus
})

export async function count(db: Store = store()): Promise<Counts> {
  const [live, photos, refused] = await Promise.all([
    db.outbox.where('live').equals(1).toArray(),
    db.photos.where('state').equals('waiting').toArray(),
    db.photos.where('state').equals('refused').count(),
  ])
  const records = (wanted: (status: string) => boolean) => new Set(live.filter((op) => wanted(op.status)).map((op) => op.record))
  return {
    ops: records((status) => status === 'queued').size,
    photos: photos.length,
    bytes: photos.reduce((sum, photo) => sum + photo.size - photo.offset, 0),
    attention: records((status) => status === 'rejected' || status === 'conflict').size + refused,
  }
}

/** Kept from page to page, so that a new page does not say "all uploaded" before it has counted. */
let last: { person: string; counts: Counts } | undefined

let shown: { scope: EffectScope; status: ComputedRef<SyncStatus>; by: number } | undefined

/** Counted once for all who show it: the strip, and two notices of the same page. */
export function useSync(): ComputedRef<SyncStatus> {
  if (!shown) {
    const scope = effectScope(true)
    shown = { scope, status: scope.run(counting)!, by: 0 }
  }
  const mine = shown
  mine.by += 1
  onScopeDispose(() => {
    if ((mine.by -= 1) > 0) return
    mine.scope.stop()
    if (shown === mine) shown = undefined
  })
  return mine.status
}

function counting(): ComputedRef<SyncStatus> {
  const live = useLive(async () => (last = { person: store().person, counts: await count() }))
  const known = last?.person === store().person ? last : undefined
  return computed(() => {
    const counts = (live.value ?? known)?.counts
    return { ...leaderStatus.value, ...(counts ?? NO_COUNTS), counted: counts !== undefined, clockOff: offBy(leaderStatus.value.skew, clockLimitMs) }
  })
}

/** 「12 条、31 张照片」 */
export function waitingText(status: Pick<Counts, 'ops' | 'photos'>): string {
  const parts = [
    ...(status.ops > 0 ? [t('strip.records', { n: status.ops })] : []),
    ...(status.photos > 0 ? [t('strip.photos', { n: status.photos })] : []),
  ]
  return parts.join(t('strip.and'))
}

/** Minutes the photos still need at the present speed, undefined when unknown. */
export function minutesLeft(status: SyncStatus): number | undefined {
  return minutesFor(status.bytes, status.rate)
}

export interface Strip {
  tone: 'good' | 'wait' | 'info' | 'alert' | 'plain'
  icon: IconName
  text: string
}

export function stripOf(status: SyncStatus): Strip {
  if (!status.counted) return { tone: 'plain', icon: 'sync', text: t('strip.checking') }
  const waiting = status.ops + status.photos > 0
  const ops = waitingText(status)
  const minutes = minutesLeft(status)
  const eta = status.held && status.ops === 0 ? ` · ${t(`strip.held_${status.held}`)}` : minutes === undefined ? '' : ` · ${t('strip.minutes', { n: minutes })}`
  if (status.phase === 'revoked') return { tone: 'alert', icon: 'alert', text: t('problem.device_revoked') }
  if (status.phase === 'signin') return { tone: 'alert', icon: 'person', text: waiting ? t('strip.signin', { ops }) : t('strip.signinOnly') }
  if (status.phase === 'offline') {
    return waiting ? { tone: 'wait', icon: 'offline', text: t('strip.offlineCount', { ops }) } : { tone: 'plain', icon: 'offline', text: t('strip.offline') }
  }
  if (waiting && (status.phase === 'pushing' || status.phase === 'photos')) {
    return { tone: 'info', icon: 'up', text: t('strip.pushing', { ops }) + eta }
  }
  if (status.attention > 0) return { tone: 'alert', icon: 'alert', text: t('strip.attention', { n: status.attention }) }
  if (status.phase === 'pulling' && status.lastSync === null) return { tone: 'info', icon: 'sync', text: t('strip.pulling') }
  if (waiting) return { tone: 'wait', icon: 'phone', text: t('strip.queued', { ops }) + eta }
  if (status.clockOff !== 0) {
    return { tone: 'wait', icon: 'clock', text: t(status.clockOff > 0 ? 'clock.strip' : 'clock.strip_behind', { by: lastingText(Math.abs(status.clockOff)) }) }
  }
  if (status.lastSync === null) return { tone: 'plain', icon: 'sync', text: t('strip.never') }
  return { tone: 'good', icon: 'server', text: t('strip.done') }
}
