/** What was true last time and is offered again. Pure. */
import type { Infrared } from '@/api/kinds'

/** Beyond this the air has changed: an old ambient temperature is no help. */
export const AMBIENT_MS = 6 * 3_600_000

export interface Before {
  id: string
  author: string | null
  data: Partial<Infrared>
}

export interface Last {
  ambient?: { value: number; at: string }
  camera?: string
  load?: { value: number; at: string }
}

/** From earlier inspections: my last ambient of these hours, my camera, and the last load of this equipment. */
export function lastValues(records: readonly Before[], now: { id: string; me: string; equipment?: string | null | undefined; at: number }): Last {
  const earlier = records
    .filter((record) => record.id !== now.id && record.data.taken_at && Date.parse(record.data.taken_at) <= now.at)
    .sort((a, b) => Date.parse(b.data.taken_at!) - Date.parse(a.data.taken_at!))
  const mine = earlier.filter((record) => record.author === now.me)
  const ambient = mine.find(({ data }) => typeof data.ambient_c === 'number' && now.at - Date.parse(data.taken_at!) <= AMBIENT_MS)?.data
  const camera = mine.find(({ data }) => data.camera)?.data.camera
  const load = now.equipment ? earlier.find(({ data }) => data.equipment === now.equipment && typeof data.load_a === 'number')?.data : undefined
  return {
    ...(ambient ? { ambient: { value: ambient.ambient_c!, at: ambient.taken_at! } } : {}),
    ...(camera ? { camera } : {}),
    ...(load ? { load: { value: load.load_a!, at: load.taken_at! } } : {}),
  }
}
