/** Where a photo came from, and what the checklist says of it for the photo's role. Pure. */
import rules from '@catalogue/photo_origins.json'

import type { PhotoRef } from '@/api/kinds'

/** `app`: by a camera that the app itself draws; `camera`: by the system's, opened for this photo. */
export type Origin = 'app' | 'camera' | 'gallery' | 'import'
/** What a photo frame has a button for. */
export type Way = Exclude<Origin, 'app'>

/** A camera's file is at most this much older than the press of its button, in milliseconds: clocks of files are coarse. */
const FRESH_MS = 120_000
const WAYS: readonly Way[] = ['camera', 'gallery', 'import']

const allowed = (role: string): readonly string[] => (rules.roles as Record<string, readonly string[]>)[role] ?? rules.default

/** The ways into a photo frame of `role`, those first that the checklist allows. */
export function waysFor(role: string): readonly Way[] {
  const fine = allowed(role)
  return [...WAYS.filter((way) => fine.includes(way)), ...WAYS.filter((way) => !fine.includes(way))]
}

/**
 * `way`: how the file came in. `ageMs`: how much older the file is than that. Some browsers offer old pictures
 * although the camera was asked for: such a picture comes from the gallery.
 */
export function originOf(way: Origin, ageMs: number): Origin {
  return way === 'camera' && ageMs > FRESH_MS ? 'gallery' : way
}

/** Taken here and now: this phone's place is the photo's. */
export const takenHere = (origin: PhotoRef['origin']): boolean => origin === 'app' || origin === 'camera'

/**
 * What a reviewer has to know: the photo's origin, where it is not told or the checklist does not allow it for its role,
 * and by how many milliseconds the file is older than the record's submission (undefined when it is not, or nothing was submitted).
 */
export function unusual(photo: PhotoRef, submittedAt: string | undefined): { origin: Origin | 'unknown'; ageMs: number | undefined } | undefined {
  const origin = photo.origin ?? 'unknown'
  if (photo.copy_of || allowed(photo.role).includes(origin)) return undefined
  const age = submittedAt === undefined ? Number.NaN : Date.parse(submittedAt) - Date.parse(photo.taken_at)
  return { origin, ageMs: age > 0 ? age : undefined }
}
