/** The reason of a decision as it is sent. Pure. */

/** The reason's longest length that the server takes. */
export const REASON_MAX = 500

/** Chosen sentences and own words as one text; each sentence ends as it was written. */
export function reasonText(chosen: readonly string[], own: string): string {
  return [...chosen, own.trim()].filter((text) => text !== '').join(' ')
}
