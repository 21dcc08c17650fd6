/** What the desk's map is asked for, and what stands beside it. Pure. */
import type { View } from '@/domain/geo/view'

export interface Cell {
  n: number
  lat: number
  lon: number
  grade?: string | null
  id: string
  kind: string
  state: string
  title: string
  title_en: string
  thing: string
}

/** What one usually looks for, as conditions of the list. */
export const SHOWN = {
  open_defects: { kind: 'defect', status: 'open,rectifying,rectified' },
  defects_findings: { kind: 'defect,finding' },
  hazards: { kind: 'hazard' },
  infrared: { kind: 'infrared' },
  repairs: { kind: 'repair' },
} as const
export type Shown = keyof typeof SHOWN | 'custom'
type Query = Partial<Record<string, string>>

export function shownOf(query: Query): Shown {
  const same = (wanted: Query) => (wanted.kind ?? '') === (query.kind ?? '') && (wanted.status ?? '') === (query.status ?? '')
  return (Object.keys(SHOWN) as (keyof typeof SHOWN)[]).find((name) => same(SHOWN[name])) ?? 'custom'
}

/** The zoom that the server groups by: a whole one, so that a little move asks for the same. */
export const zoomOf = (view: View) => Math.max(0, Math.min(22, Math.round(view.zoom)))

const RANK = ['critical', 'serious', 'general', 'normal']
/** The worst first, then the fullest. */
export function byWeight(a: Cell, b: Cell): number {
  const rank = ({ grade }: Cell) => (grade && RANK.includes(grade) ? RANK.indexOf(grade) : RANK.length)
  return rank(a) - rank(b) || b.n - a.n || (a.id < b.id ? -1 : 1)
}

export const keyOf = (cell: Cell) => `${cell.id} ${cell.n}`
