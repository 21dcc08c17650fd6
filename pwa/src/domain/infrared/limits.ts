/** What the server takes for a number, by field; the same bounds as `backend/features/infrared/model.py`. */
export const LIMITS = {
  ambient_c: { min: -60, max: 80 },
  load_a: { min: 0, max: 20_000 },
  rated_a: { min: 0.1, max: 20_000 },
  emissivity: { min: 0.01, max: 1 },
  distance_m: { min: 0.1, max: 1_000 },
  humidity_pct: { min: 0, max: 100 },
  wind_m_s: { min: 0, max: 60 },
} as const

export type Limited = keyof typeof LIMITS

/** Fields whose number is out of bounds. */
export function outside(values: Partial<Record<Limited, number | null | undefined>>): Limited[] {
  return (Object.keys(LIMITS) as Limited[]).filter((name) => {
    const value = values[name]
    return typeof value === 'number' && (value < LIMITS[name].min || value > LIMITS[name].max)
  })
}
