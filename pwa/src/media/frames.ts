/** Which photos a form has after one more. Pure. */
import type { PhotoRef } from '@/api/kinds'

/**
 * The list with `photo` in it: beside the others of its role where it takes several, else in place of them. The same
 * picture stands once in a role. Those of `stay` (SHA-256) are evidence already and are never replaced.
 */
export function withPhoto<T extends PhotoRef>(photos: readonly T[], photo: T, several: boolean, stay: ReadonlySet<string> = new Set()): T[] {
  const others = photos.filter((other) => stay.has(other.sha256) || other.role !== photo.role || (several && other.sha256 !== photo.sha256))
  return others.some(({ role, sha256 }) => role === photo.role && sha256 === photo.sha256) ? others : [...others, photo]
}
