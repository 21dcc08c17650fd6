/** Which photos the checklist asks for, and which are not there. Pure. */
import type { Hazards } from './rules'

/** Views asked for with these faults, in the checklist's order; those of all faults while none is chosen. */
export function viewsAsked({ items }: Hazards, codes: readonly string[]): string[] {
  const chosen = items.filter(({ code }) => codes.includes(code))
  return [...new Set((chosen.length > 0 ? chosen : items).flatMap((item) => item.photo_views))]
}

/** The views of which there is no photo. */
export function viewsMissing(asked: readonly string[], photos: readonly { role: string }[]): string[] {
  return asked.filter((view) => photos.every(({ role }) => role !== view))
}
