/** What a person is told of the ways by which he is told, and what his choice becomes. Pure; the words are `notices`. */
import type { components } from '@/api/generated'

export type Ways = components['schemas']['Ways']
export type PushState = 'on' | 'off' | 'unset' | 'none' | 'denied' | 'blocked'

/** `since`: from when on it fails. */
export interface Said {
  key: string
  since?: string
}

const of = (ways: Ways, way: string) => ways.ways.find((each) => each.way === way)

/** How it stands with 企业微信 or the gateway. */
export function outside(ways: Ways): Said {
  const webhook = of(ways, 'webhook')
  if (!webhook) return { key: 'notices.outside.unset' }
  if (webhook.failing_since) return { key: 'notices.outside.failing', since: webhook.failing_since }
  return { key: ways.choice.address ? 'notices.outside.fine' : 'notices.outside.nobody' }
}

/** How it stands with this phone; where it does not work, `instead` says where the notices are. */
export function here(ways: Ways, state: PushState): Said & { instead: 'notices.push.else_outside' | 'notices.push.else_list' } {
  const webhook = of(ways, 'webhook')
  const instead = webhook && !webhook.failing_since ? 'notices.push.else_outside' : 'notices.push.else_list'
  const failing = of(ways, 'push')?.failing_since
  if (state === 'on' && failing) return { key: 'notices.push.failing', since: failing, instead }
  return { key: `notices.push.${state}`, instead }
}

export type Hours = 'company' | 'none' | 'own'

/** A stored choice as the form has it. */
export function hoursOf(quiet: string | null | undefined): { hours: Hours; from: string; till: string } {
  const [from = '22:00', till = '07:00'] = quiet ? quiet.split('-') : []
  return { hours: quiet == null ? 'company' : quiet === '' ? 'none' : 'own', from, till }
}

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/

/** What the form says, to be stored; undefined for hours that are none. */
export function quietOf(hours: Hours, from: string, till: string): string | null | undefined {
  if (hours !== 'own') return hours === 'none' ? '' : null
  return TIME.test(from) && TIME.test(till) && from !== till ? `${from}-${till}` : undefined
}

/** A failure's code in words: `http_500` → the key and its number. */
export function failure(code: string): { key: string; n?: string } {
  const [, kind, n] = /^(http|said)_(-?\d+)$/.exec(code) ?? []
  return kind ? { key: `notices.error.${kind}`, n } : { key: `notices.error.${code}` }
}
