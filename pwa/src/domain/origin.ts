/** Where a photo came from, and what the checklist says of it for the photo's role. Pure. */
import rules from '@catalogue/photo_origins.json'

import type { PhotoRef } from '@/api/kinds'

export type Origin = 'camera' | 'gallery' | 'import'

/** A file younger than this comes straight from the camera, in milliseconds. */
const FRESH_MS = 120_000

const allowed = (role: string): readonly string[] => (rules.roles as Record<string, readonly string[]>)[role] ?? rules.default

/** `ageMs`: how old the file was when it was chosen. A thermal camera's file is imported by its nature. */
export function originOf(role: string, ageMs: number): Origin {
  if (ageMs < FRESH_MS) return 'camera'
  return allowed(role).includes('import') ? 'import' : 'gallery'
}

/**
 * What a reviewer has to know: the photo's origin, where the checklist does not allow it for its role, and by how many
 * milliseconds the file is older than the record's submission (undefined when it is not, or nothing was submitted).
 */
export function unusual(photo: PhotoRef, submittedAt: string | undefined): { origin: Origin; ageMs: number | undefined } | undefined {
  const { origin } = photo
  if (origin === undefined || allowed(photo.role).includes(origin)) return undefined
  const age = submittedAt === undefined ? Number.NaN : Date.parse(submittedAt) - Date.parse(photo.taken_at)
  return { origin, ageMs: age > 0 ? age : undefined }
}
