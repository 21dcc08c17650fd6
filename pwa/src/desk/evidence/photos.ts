/** Which photos a record shows, in which order, and what stands against what. Pure. */
import type { Entry, PhotoRef } from '@/api/kinds'

import { uncertainty } from '@/domain/place'
import { said } from '@/domain/said'
import { isRecording } from '@/media/frames'

import type { ReviewedKind } from '@/domain/reviewed'

export interface Shown {
  photo: PhotoRef
  /** The event that brought it, for repairs. */
  step?: string
}

/** What a reviewer wants to see first, by kind. */
const FIRST: Record<ReviewedKind, readonly string[]> = {
  infrared: ['thermal', 'visible'],
  hazard: ['close_up', 'overall', 'label_or_number'],
  finding: ['evidence'],
  form: [],
  repair: ['after', 'during', 'before'],
}

function photosOf(data: Record<string, unknown>): PhotoRef[] {
  return Array.isArray(data.photos) ? (data.photos as PhotoRef[]) : []
}

/** The body's photos by importance and its recordings, then those of its events in order; each hash once, marked copies after their original. */
export function photosShown(kind: ReviewedKind, data: object, log: readonly Entry[]): Shown[] {
  const order = FIRST[kind]
  const rank = (photo: PhotoRef) => (isRecording(photo) ? order.length + 1 : order.includes(photo.role) ? order.indexOf(photo.role) : order.length)
  const own = photosOf(data as Record<string, unknown>)
    .map((photo) => ({ photo }))
    .sort((a, b) => rank(a.photo) - rank(b.photo))
  const ofEvents = log.flatMap((entry) => photosOf(said(entry)).map((photo) => ({ photo, step: entry.type })))
  const seen = new Set<string>()
  const all = [...own, ...ofEvents].filter(({ photo }) => !seen.has(photo.sha256) && seen.add(photo.sha256))
  const copies = (of: string) => all.filter(({ photo }) => photo.copy_of === of)
  return all.filter(({ photo }) => !photo.copy_of).flatMap((item) => [item, ...copies(item.photo.sha256)])
}

/** Before and after of a repair: what was found (the defect's own photos when nobody took one on arrival), what was left. */
export function beforeAfter(shown: readonly Shown[], source: readonly PhotoRef[]) {
  const is = (role: string, steps: readonly string[]) => (item: Shown) =>
    item.photo.role === role || (item.step !== undefined && steps.includes(item.step) && item.photo.role === 'evidence')
  const found = source.find((photo) => photo.role !== 'thermal') ?? source[0]
  const before = shown.find(is('before', ['arrive', 'locate'])) ?? (found && { photo: found })
  const after = shown.findLast(is('after', ['repair', 'restore']))
  return { before, after }
}

/** Side by side for records that are no repair: a marked copy against its original, thermal against visible, else the first two. */
export function twoOf(shown: readonly Shown[], index: number): [Shown | undefined, Shown | undefined] {
  const left = shown[index] ?? shown[0]
  if (left === undefined) return [undefined, undefined]
  const original = shown.find((item) => item.photo.sha256 === left.photo.copy_of)
  if (original) return [original, left]
  const wanted = left.photo.role === 'thermal' ? 'visible' : left.photo.role === 'visible' ? 'thermal' : undefined
  const others = shown.filter((item) => item !== left && !isRecording(item.photo))
  const partner = others.find((item) => item.photo.role === wanted) ?? others[0]
  return left.photo.role === 'visible' && partner?.photo.role === 'thermal' ? [partner, left] : [left, partner]
}

/** The best known place of a record: the photo that is nearest to where it says, by radius and age. */
export function position(shown: readonly Shown[]): PhotoRef | undefined {
  return shown
    .map(({ photo }) => photo)
    .filter((photo) => photo.lat != null && photo.lon != null)
    .sort((a, b) => uncertainty(a) - uncertainty(b))[0]
}
