/** Which photos a form has after one more. Pure. */
import type { PhotoRef } from '@/api/kinds'

/** Roles of what is heard or seen moving; it stands among the photos and is none. */
export const SORTS = ['voice', 'video'] as const
export type Sort = (typeof SORTS)[number]

export const isRecording = ({ role }: { role: string }): boolean => (SORTS as readonly string[]).includes(role)

/** Without the recordings: where a photo is asked for, neither a word said nor a film is one. */
export const pictures = <T extends { role: string }>(photos: readonly T[]): T[] => photos.filter((photo) => !isRecording(photo))

/** Begins the keys of a recording's pieces beside the bytes of photos, see recording.ts. */
export const PIECE = 'piece:'

/** The role of marked copies. */
export const COPY = 'annotated'

/**
 * The list with `photo` in it: beside the others of its role where it takes several, else in place of them. The same
 * picture stands once in a role. Those of `stay` (SHA-256) are evidence already and are never replaced. A marked copy goes
 * with the photo that it is a copy of.
 */
export function withPhoto<T extends PhotoRef>(photos: readonly T[], photo: T, several: boolean, stay: ReadonlySet<string> = new Set()): T[] {
  const others = photos.filter((other) => stay.has(other.sha256) || other.role !== photo.role || (several && other.sha256 !== photo.sha256))
  const all = others.some(({ role, sha256 }) => role === photo.role && sha256 === photo.sha256) ? others : [...others, photo]
  return whole(all, stay)
}

/** The list without `photo` and its copies. */
export function withoutPhoto<T extends PhotoRef>(photos: readonly T[], photo: T, stay: ReadonlySet<string> = new Set()): T[] {
  return whole(photos.filter((other) => other !== photo), stay)
}

function whole<T extends PhotoRef>(photos: readonly T[], stay: ReadonlySet<string>): T[] {
  const originals = new Set(photos.filter(({ copy_of }) => !copy_of).map(({ sha256 }) => sha256))
  return photos.filter(({ copy_of, sha256 }) => !copy_of || originals.has(copy_of) || stay.has(sha256))
}

/** Each photo, of a role or of all, and after it its copies. */
export function besideCopies<T extends PhotoRef>(photos: readonly T[], role?: string): T[] {
  const mine = photos.filter((photo) => !photo.copy_of && (role === undefined || photo.role === role))
  return mine.flatMap((photo) => [photo, ...photos.filter(({ copy_of }) => copy_of === photo.sha256)])
}
