/** What stands in the way on this phone, most urgent first. Pure. */

export type Trouble = 'old' | 'signin' | 'no_room' | 'full' | 'filling' | 'not_kept' | 'other_tab' | 'left' | 'key'

export interface Facts {
  phase: string
  /** Records and photos that only this phone has. */
  unsent: number
  /** Share of its room that the app has used, from 0 to 1; undefined: the browser does not tell. */
  used: number | undefined
  /** The last round could not store what came. */
  noRoom: boolean
  /** The browser has promised to keep the data; undefined: it does not tell. */
  kept: boolean | undefined
  /** Another window of the app does the sending. */
  elsewhere: boolean
  /** People who left unsent work behind on this phone. */
  left: number
  keyLost: boolean
}

export const WARN_FROM = 0.7
export const FULL_FROM = 0.85

export function troubles(facts: Facts): Trouble[] {
  const { phase, unsent, used = 0, noRoom, kept, elsewhere, left, keyLost } = facts
  const found: [Trouble, boolean][] = [
    ['old', phase === 'old'],
    ['signin', phase === 'signin' && unsent > 0],
    ['no_room', noRoom],
    ['full', used >= FULL_FROM && !noRoom],
    ['filling', used >= WARN_FROM && used < FULL_FROM],
    ['not_kept', kept === false && unsent > 0],
    ['other_tab', elsewhere],
    ['left', left > 0],
    ['key', keyLost],
  ]
  return found.filter(([, is]) => is).map(([name]) => name)
}
