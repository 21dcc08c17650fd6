/** Is this phone ready for a day without a network? From what was read back to a green or red list. Pure. */

const DAY_MS = 86_400_000

/** Bytes of a photo where this phone has taken too few to tell. */
export const USUAL_PHOTO = 4 * 1024 * 1024
export const PHOTOS_WANTED = 100
const ENOUGH_PHOTOS = 20

/** How many were looked for, and how many could not be read whole. */
export interface Parts {
  all: number
  lacking: number
}

/** What was read back, with the network out of the way. */
export interface Found {
  /** Files of the app in the browser's own store; undefined: this browser keeps none. */
  app: Parts | undefined
  /** Of these, checklists and rules. */
  rules: Parts | undefined
  register: Parts & {
    /** Things of the areas chosen. */
    things: number
    /** When the server last confirmed that nothing is lacking, ms since 1970. */
    comparedAt: number | undefined
    /** The server leaves the chosen areas out, for room on the phone. */
    left_out: boolean
  }
  jobs: Parts & {
    photos: Parts
    /** Photos of which the server has no small view. */
    without: number
  }
  /** The company's base map, as far as the phone has heard of it; bytes. `ok`: header and a tile were read back. */
  map: { none: boolean; ok: boolean; have: number; all: number } | undefined
  /** Bytes; undefined: this browser does not tell. */
  space: { free: number; photo: number } | undefined
  /** Undefined: this browser does not tell. */
  persisted: boolean | undefined
  clock: { known: boolean; off: number }
}

export type Item = 'app' | 'register' | 'rules' | 'jobs' | 'map' | 'space' | 'persisted' | 'clock'

export interface Line {
  item: Item
  /** none: there is nothing to be had; it does not hold anybody up. */
  state: 'ok' | 'bad' | 'none'
  /** Which sentence says it, under `ready.<item>`. */
  say: string
  values: Record<string, number>
}

/** The list, in the order in which it is shown. */
export function verdicts(found: Found, now: number): Line[] {
  return [app(found), register(found, now), rules(found), jobs(found), map(found), space(found), persisted(found), clock(found)]
}

export function isReady(lines: readonly Line[]): boolean {
  return lines.every((line) => line.state !== 'bad')
}

function line(item: Item, ok: boolean, say: string, values: Record<string, number> = {}): Line {
  return { item, state: ok ? 'ok' : 'bad', say, values }
}

function files(item: 'app' | 'rules', parts: Parts | undefined): Line {
  if (!parts || parts.all === 0) return line(item, false, 'unable')
  return parts.lacking > 0 ? line(item, false, 'lacking', { n: parts.lacking }) : line(item, true, 'ok', { n: parts.all })
}

const app = (found: Found): Line => files('app', found.app)
const rules = (found: Found): Line => files('rules', found.rules)

function register({ register: { all, lacking, things, comparedAt, left_out } }: Found, now: number): Line {
  if (left_out) return line('register', false, 'left_out')
  if (lacking > 0) return line('register', false, 'lacking', { n: lacking })
  if (comparedAt === undefined || all === 0) return line('register', false, 'never')
  const days = Math.floor((now - comparedAt) / DAY_MS)
  if (days >= 1) return line('register', false, 'old', { n: days })
  return line('register', true, 'ok', { n: things })
}

function jobs({ jobs: { all, lacking, photos, without } }: Found): Line {
  if (lacking > 0) return line('jobs', false, 'lacking', { n: lacking })
  if (photos.lacking > 0) return line('jobs', false, 'photos', { n: photos.lacking })
  if (without > 0) return line('jobs', true, 'without', { n: all, photos: without })
  return line('jobs', true, all === 0 ? 'nothing' : 'ok', { n: all, photos: photos.all })
}

function map({ map: known }: Found): Line {
  if (!known) return line('map', false, 'unable')
  if (known.none) return { item: 'map', state: 'none', say: 'none', values: {} }
  if (known.all === 0) return line('map', false, 'never')
  return line('map', known.ok, known.ok ? 'ok' : 'lacking', { have: inMb(known.have), all: inMb(known.all) })
}

/** Megabytes with one decimal. */
export const inMb = (bytes: number): number => Math.round(bytes / 104_857.6) / 10

function space({ space: known }: Found): Line {
  if (!known) return line('space', false, 'unable')
  const n = Math.max(0, Math.floor(known.free / known.photo))
  return line('space', n >= PHOTOS_WANTED, n >= PHOTOS_WANTED ? 'ok' : 'lacking', { n: Math.min(n, 9999) })
}

function persisted({ persisted: kept }: Found): Line {
  return line('persisted', kept === true, kept === undefined ? 'unable' : kept ? 'ok' : 'lacking')
}

function clock({ clock: { known, off } }: Found): Line {
  if (!known) return line('clock', false, 'never')
  if (off === 0) return line('clock', true, 'ok')
  return line('clock', false, off > 0 ? 'ahead' : 'behind', { by: Math.abs(off) })
}

/** Bytes that one more photo is likely to take. */
export function photoSize(sizes: readonly number[]): number {
  if (sizes.length < ENOUGH_PHOTOS) return USUAL_PHOTO
  return Math.max(1, sizes.reduce((sum, size) => sum + size, 0) / sizes.length)
}
