/** What a confirmation would do to a person's account. Pure; the server counts again when it decides. */

export interface Threshold {
  at: number
  zh: string
  en: string
}

export interface Preview {
  before: number
  after: number
  /** Points left to the cap after the entry, never below 0. */
  toCap: number
  /** Shares of the cap, 0 to 1, for the bar. */
  beforeShare: number
  afterShare: number
  /** Thresholds that the entry reaches and the balance before it did not. */
  crossed: Threshold[]
}

export function preview(before: number, points: number, cap: number, thresholds: readonly Threshold[]): Preview {
  const after = before + points
  const share = (value: number) => (cap > 0 ? Math.min(1, Math.max(0, value / cap)) : 0)
  return {
    before,
    after,
    toCap: Math.max(0, cap - after),
    beforeShare: share(before),
    afterShare: share(after),
    crossed: thresholds.filter((threshold) => before < threshold.at && threshold.at <= after),
  }
}
