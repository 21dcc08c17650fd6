/** Can this browser keep the app and what is entered in it? Those inside chat apps often cannot. */

export interface Abilities {
  secure: boolean
  worker: boolean
  database: boolean
}

/** fine · inside: a chat app's own browser · insecure: the address is not HTTPS · old: it lacks what is needed. */
export type Browser = 'fine' | 'inside' | 'insecure' | 'old'

const INSIDE = /MicroMessenger|wxwork|DingTalk|AlipayClient|\bQQ\/|Weibo|Lark\/|aweme/i

export function browserOf(agent: string, can: Abilities): Browser {
  if (can.secure && can.worker && can.database) return 'fine'
  if (INSIDE.test(agent)) return 'inside'
  return can.secure ? 'old' : 'insecure'
}

/** This browser; asked once, for it does not change. */
export const browser: Browser =
  typeof window === 'undefined'
    ? 'fine'
    : browserOf(navigator.userAgent, { secure: isSecureContext, worker: 'serviceWorker' in navigator, database: typeof indexedDB !== 'undefined' })
