/** Remarks of a return, each pinned to a field or to a rectangle on a photo, and their answers. Pure. */
import type { components } from '@/api/generated'
import type { Entry, KindName } from '@/api/kinds'

export type Remark = components['schemas']['Remark']
export type Answer = components['schemas']['Reply']
/** In shares of the upright picture's width and height. */
export type Region = components['schemas']['Region']

/** What the author has said to the remarks so far, by their places in the list. */
export type Answers = Record<number, { done: boolean; text: string }>

/** The smallest side of a rectangle; a click without a drag is no rectangle. */
export const LEAST = 0.02
export const TEXT_MAX = 300
export const REMARKS_MAX = 20
const HANDED_IN = ['submit', 'restore']

type Log = readonly Pick<Entry, 'type' | 'data'>[]

/** The remarks of the last return. */
export function remarksOf(log: Log): Remark[] {
  const returned = log.findLast((entry) => entry.type === 'return')
  return (returned?.data as { remarks?: Remark[] } | undefined)?.remarks ?? []
}

/** The remarks of the last return beside the answers that came with the record's next submission; undefined: none. */
export function answeredRemarks(log: Log): { remark: Remark; answer: Answer | undefined; handedIn: boolean }[] {
  const at = log.findLastIndex((entry) => entry.type === 'return')
  const next = at < 0 ? undefined : log.slice(at + 1).find((entry) => HANDED_IN.includes(entry.type))
  const answers = (next?.data as { answers?: Answer[] } | undefined)?.answers ?? []
  return remarksOf(log).map((remark, n) => ({ remark, answer: answers.find((one) => one.remark === n), handedIn: next !== undefined }))
}

/** Places of the remarks that nobody has answered yet. */
export function unanswered(remarks: readonly Remark[], answers: Answers): number[] {
  return remarks.flatMap((_, n) => (answers[n]?.done ? [] : [n]))
}

/** The answers as they travel with the submission. */
export function sentAnswers(remarks: readonly Remark[], answers: Answers): Answer[] {
  return remarks.flatMap((_, n) => {
    const given = answers[n]
    if (!given?.done) return []
    const text = given.text.trim()
    return [{ remark: n, ...(text ? { text } : {}) }]
  })
}

/** The rectangle between two corners, kept within the picture; undefined when it is too small to mean one. */
export function between(a: { x: number; y: number }, b: { x: number; y: number }): Region | undefined {
  const [x, right] = [clip(Math.min(a.x, b.x)), clip(Math.max(a.x, b.x))]
  const [y, bottom] = [clip(Math.min(a.y, b.y)), clip(Math.max(a.y, b.y))]
  if (right - x < LEAST || bottom - y < LEAST) return undefined
  return { x, y, w: right - x, h: bottom - y }
}

/** One step of an arrow key: the rectangle moves, or its lower right corner does; it never leaves the picture. */
export function nudged(region: Region, key: string, grow: boolean, step = 0.02): Region {
  const [dx, dy] = [key === 'ArrowLeft' ? -step : key === 'ArrowRight' ? step : 0, key === 'ArrowUp' ? -step : key === 'ArrowDown' ? step : 0]
  if (grow) {
    const within = (side: number, from: number) => Math.min(1 - from, Math.max(LEAST, side))
    return { ...region, w: within(region.w + dx, region.x), h: within(region.h + dy, region.y) }
  }
  return { ...region, x: Math.min(1 - region.w, Math.max(0, region.x + dx)), y: Math.min(1 - region.h, Math.max(0, region.y + dy)) }
}

export const MIDDLE: Region = { x: 0.35, y: 0.35, w: 0.3, h: 0.3 }

function clip(share: number): number {
  return Math.min(1, Math.max(0, share))
}

/** Fields of each kind that a remark may be pinned to, in the order of the form. */
export const FIELDS: Partial<Record<KindName, readonly string[]>> = {
  infrared: ['equipment', 'row', 'taken_at', 'photos', 'points', 'ambient_c', 'load_a', 'rated_a', 'emissivity', 'distance_m', 'humidity_pct', 'wind_m_s', 'weather', 'camera', 'note'],
  hazard: ['meter_box', 'found_at', 'photos', 'items', 'controlled', 'ownership', 'note'],
  finding: ['unit', 'visit', 'place', 'happened_at', 'item', 'person', 'fact', 'photos'],
  repair: ['cause', 'measure', 'note', 'photos'],
}

/** Where a form shows a field that has no input of its own name. */
const INPUTS: Record<string, string> = { points: 'temp-0', items: 'hazard-search' }

/** The name of the input or photo frame that a remark is about; `roles` tells a photo's frame. */
export function inputOf(remark: Remark, roles: ReadonlyMap<string, string>): string {
  if (remark.photo) return roles.get(remark.photo) ?? [...roles.values()][0] ?? 'photos'
  if (remark.field === 'photos') return [...roles.values()][0] ?? 'photos'
  return INPUTS[remark.field ?? ''] ?? remark.field ?? ''
}
