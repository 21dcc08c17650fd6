/** Words for places and times. */
import type { KindName } from '@/api/kinds'
import { has, problemText, t } from '@/app/i18n'
import type { OutRow } from '@/sync/db'
import type { Headline, LocalWhere, OpPlace, PhotoPlace } from '@/sync/where'
import type { IconName } from '@/ui/icons'
import { fileSize } from '@/ui/when'

export type Tone = 'good' | 'info' | 'general' | 'danger' | undefined

const LOOK: Record<string, { tone: Tone; icon: IconName }> = {
  waiting: { tone: 'general', icon: 'phone' },
  sending: { tone: 'info', icon: 'up' },
  sent: { tone: 'good', icon: 'server' },
  here: { tone: 'good', icon: 'server' },
  photo_here: { tone: 'good', icon: 'server' },
  refused: { tone: 'danger', icon: 'alert' },
  rejected: { tone: 'danger', icon: 'alert' },
  conflict: { tone: 'danger', icon: 'fork' },
  photos: { tone: 'info', icon: 'camera' },
  photo_missing: { tone: 'info', icon: 'camera' },
  undo: { tone: 'info', icon: 'clock' },
  draft: { tone: 'general', icon: 'edit' },
  deleted: { tone: undefined, icon: 'trash' },
  moved: { tone: undefined, icon: 'next' },
}

export const lookOf = (what: Headline | string): { tone: Tone; icon: IconName } => LOOK[what] ?? { tone: undefined, icon: 'question' }

/** `40 s`, `3 min`; from a moment that is over: now. */
export function inText(at: number, now: number): string {
  const seconds = Math.max(0, Math.round((at - now) / 1000))
  return seconds < 90 ? t('whereabouts.seconds', { n: seconds }) : t('whereabouts.minutes', { n: Math.round(seconds / 60) })
}

/** Why it waits, and when it is tried again. */
export function reasonText(reason: string | undefined, nextTry: number | undefined, now: number): string {
  if (!reason) return ''
  const why = t(`whereabouts.reason.${reason}`)
  const quiet = nextTry === undefined || ['sending', 'draft', 'wifi', 'now', 'day', 'signin', 'revoked'].includes(reason)
  return quiet ? why : `${why} · ${t('whereabouts.next', { when: inText(nextTry, now) })}`
}

export function whatText(op: string, type: string): string {
  if (op !== 'event') return t(`whereabouts.op.${op === 'delete' ? 'delete' : 'put'}`)
  for (const key of [`record.event.${type}`, `review.event.${type}`, `sync-page.event.${type}`]) if (has(key)) return t(key)
  return type
}

export const numberOf = ({ device, n }: Pick<OutRow, 'device' | 'n'>): string => `${device.slice(0, 8)}:${n}`

export function opText({ place, op, nth, reason }: OpPlace, local: LocalWhere, now: number, when: (at: number) => string): string {
  switch (place) {
    case 'waiting':
      return `${t('whereabouts.nth', { n: nth })} · ${reasonText(reason, local.nextTry, now)}`
    case 'sent':
      return t('whereabouts.acked', { number: numberOf(op), when: op.acked_at ? when(op.acked_at) : '' })
    case 'refused':
    case 'superseded':
    case 'settled':
      return op.code ? t('whereabouts.refused', { why: problemText(op.code) }) : t(`whereabouts.head.${place}`)
    default:
      return t(`whereabouts.head.${place}`)
  }
}

export function photoText({ place, photo, nth, reason }: PhotoPlace, local: LocalWhere, now: number): string {
  if (place === 'sent') return t('whereabouts.photo_sent')
  if (place === 'refused') return t('whereabouts.refused', { why: problemText(photo.code ?? '') })
  const part = photo.offset > 0 ? `${t('whereabouts.photo_part', { done: fileSize(photo.offset), all: fileSize(photo.size) })} · ` : ''
  const turn = place === 'waiting' ? `${t('whereabouts.nth', { n: nth })} · ` : ''
  return part + turn + reasonText(reason, local.nextTry, now)
}

/** `6c1d…a92f`: enough to tell two apart. */
export const shortId = (id: string): string => (id.length > 12 ? `${id.slice(0, 4)}…${id.slice(-4)}` : id)

export const kindText = (kind: KindName | string | undefined): string => (kind && has(`sync-page.kind.${kind}`) ? t(`sync-page.kind.${kind}`) : '')

export function stateText(state: string): string {
  return has(`record.state.${state}`) ? t(`record.state.${state}`) : has(`desk.state.${state}`) ? t(`desk.state.${state}`) : state
}
