/**
 * The promise of a repair job; the same rule as `backend/features/repair/rules.py`, held together by
 * `tests/vectors/repair_clock.json`. The phone needs it for milestones that the server has not seen yet. Pure.
 *
 * A critical defect is an emergency: the public commitments bind (`service_commitments.json`, T_ARRIVE and
 * T_RESTORE). Serious and general ones are planned work: their deadline binds.
 */
import type { Grade } from '@/api/kinds'

export type Area = 'urban' | 'rural' | 'remote'

export interface Commitments {
  version: string
  /** Minutes; null where nothing is promised. */
  arrive: Record<Area, number | null>
  restore: Record<Area, number | null>
}

/** Edition 2026.11. Kept here because a job must count from the first second, without loading a catalogue. */
export const COMMITMENTS: Commitments = {
  version: '2026.11',
  arrive: { urban: 45, rural: 90, remote: 120 },
  restore: { urban: 180, rural: 240, remote: null },
}

export interface Job {
  area: Area
  grade: Grade
  reported_at: string
  deadline_at: string
  arrived_at: string | null
  restored_at: string | null
}

export interface RepairClock {
  basis: 'promise' | 'deadline'
  arrive_by: string
  restore_by: string | null
  arrived_at: string | null
  restored_at: string | null
  arrived_in_min: number | null
  restored_in_min: number | null
  /** null: undecided. */
  kept: boolean | null
  catalogue: string
}

const MINUTE_MS = 60_000

function iso(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}

/** Minutes rounded up, so that 45:01 is 46 and late. */
function minutes(start: string | null, end: string | null): number | null {
  return start === null || end === null ? null : Math.ceil((Date.parse(end) - Date.parse(start)) / MINUTE_MS)
}

/** The clock of one job as far as it got. */
export function promise(job: Job, commitments: Commitments = COMMITMENTS): RepairClock {
  const arriveMin = commitments.arrive[job.area]
  const restoreMin = commitments.restore[job.area]
  const arrived = job.arrived_at === null ? null : Date.parse(job.arrived_at)
  const restored = job.restored_at === null ? null : Date.parse(job.restored_at)
  const promised = job.grade === 'critical' && arriveMin !== null
  const deadline = Date.parse(job.deadline_at)
  const arriveBy = promised ? Date.parse(job.reported_at) + arriveMin * MINUTE_MS : deadline
  const restoreBy = promised
    ? arrived !== null && restoreMin !== null
      ? arrived + restoreMin * MINUTE_MS
      : null
    : deadline
  const late =
    (promised && arrived !== null && arrived > arriveBy) || (restored !== null && restoreBy !== null && restored > restoreBy)
  return {
    basis: promised ? 'promise' : 'deadline',
    arrive_by: iso(arriveBy),
    restore_by: restoreBy === null ? null : iso(restoreBy),
    arrived_at: job.arrived_at,
    restored_at: job.restored_at,
    arrived_in_min: minutes(job.reported_at, job.arrived_at),
    restored_in_min: minutes(job.arrived_at, job.restored_at),
    kept: late ? false : restored !== null ? true : null,
    catalogue: commitments.version,
  }
}
