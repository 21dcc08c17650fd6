/**
 * How bad a meter box is as a whole, and until when it may stay so; the same rule as
 * `backend/features/meterbox/rules.py`, held together by `tests/vectors/hazards.json`. Pure.
 */

export type HazardGrade = 'general' | 'serious' | 'critical'
export type Severity = 1 | 2 | 3

export interface HazardItem {
  code: string
  text: { zh: string; en: string }
  severity: number
  deadline_days: number
  immediate_control: boolean
  /** Photo roles that the checklist asks for with it. */
  photo_views: string[]
  note: string
}

export interface Hazards {
  version: string
  items: readonly HazardItem[]
}

export interface Rating {
  severity: Severity
  grade: HazardGrade
  /** ISO instant. */
  deadline_at: string
  /** At least one fault must be made safe before the inspector leaves. */
  control_needed: boolean
  /** The box is not the company's: its owner gets a written notice. */
  notice_needed: boolean
  /** Codes of the faults that gave the grade. */
  worst: string[]
  catalogue: string
}

const GRADES: Record<Severity, HazardGrade> = { 1: 'general', 2: 'serious', 3: 'critical' }
const DAY_MS = 86_400_000

export function gradeOf(severity: number): HazardGrade {
  return GRADES[severity as Severity] ?? 'general'
}

/** The worst fault gives the grade, the shortest deadline counts; undefined while no known fault is chosen. */
export function rate(
  hazards: Hazards,
  codes: readonly string[],
  ownership: string | undefined,
  foundAt: string,
): Rating | undefined {
  const items = codes.flatMap((code) => hazards.items.find((item) => item.code === code) ?? [])
  const start = Date.parse(foundAt)
  if (items.length === 0 || Number.isNaN(start)) return undefined
  const severity = Math.max(...items.map((item) => item.severity)) as Severity
  const days = Math.min(...items.map((item) => item.deadline_days))
  return {
    severity,
    grade: GRADES[severity],
    deadline_at: new Date(start + days * DAY_MS).toISOString(),
    control_needed: items.some((item) => item.immediate_control),
    notice_needed: ownership !== undefined && ownership !== 'utility',
    worst: items.filter((item) => item.severity === severity).map((item) => item.code),
    catalogue: hazards.version,
  }
}
