/** What the clock of a repair job shows right now: the server's figures, carried on with this phone's own milestones. Pure: `now` is handed in. */
import type { Grade } from '@/api/kinds'

import { type Area, promise, type RepairClock } from './rules'

/** arrive, restore: a public promise runs · deadline: planned work · open: nothing promised · kept, missed: stopped. */
export type Phase = 'arrive' | 'restore' | 'deadline' | 'open' | 'kept' | 'missed'
export type Level = 'calm' | 'amber' | 'red' | 'over'

export const AMBER_FROM = 0.7
export const RED_FROM = 0.9

export interface ClockInput {
  state: string
  area?: Area | null | undefined
  grade?: Grade | null | undefined
  reported_at?: string | null | undefined
  deadline_at?: string | null | undefined
  clock?: Partial<RepairClock> | null | undefined
  /** Events in order; those with `pending` are not on the server yet. */
  log: readonly { type: string; at: string; pending?: boolean | undefined }[]
}

export interface Shown {
  phase: Phase
  /** End of what runs, ISO; null when nothing runs. */
  by: string | null
  left_ms: number
  /** Share of the time used, from 0; 1 and more: run out. */
  used: number
  level: Level
  arrived_in_min: number | null
  restored_in_min: number | null
}

export function levelOf(used: number): Level {
  if (used >= 1) return 'over'
  if (used >= RED_FROM) return 'red'
  return used >= AMBER_FROM ? 'amber' : 'calm'
}

/** The server's clock, or this phone's own when a milestone still waits here. */
function figures(input: ClockInput): RepairClock | undefined {
  const { clock, log, reported_at } = input
  if (!reported_at) return undefined
  const waiting = log.some((entry) => entry.pending && (entry.type === 'arrive' || entry.type === 'restore'))
  if (clock?.arrive_by && clock.basis && !waiting) return clock as RepairClock
  const arrived = clock?.arrived_at ?? log.find((entry) => entry.type === 'arrive')?.at ?? null
  const restored = clock?.restored_at ?? log.findLast((entry) => entry.type === 'restore')?.at ?? null
  return promise({
    area: input.area ?? 'rural',
    grade: input.grade ?? 'general',
    reported_at,
    deadline_at: input.deadline_at ?? reported_at,
    arrived_at: arrived,
    restored_at: restored,
  })
}

function running(phase: Phase, from: string, by: string, now: number): Pick<Shown, 'phase' | 'by' | 'left_ms' | 'used' | 'level'> {
  const start = Date.parse(from)
  const end = Date.parse(by)
  const used = end > start ? Math.max(0, (now - start) / (end - start)) : 1
  return { phase, by, left_ms: end - now, used, level: levelOf(used) }
}

const STILL: Pick<Shown, 'by' | 'left_ms' | 'used' | 'level'> = { by: null, left_ms: 0, used: 0, level: 'calm' }
const STOPPED = new Set(['restored', 'accepted', 'cancelled'])

export function readClock(input: ClockInput, now: number): Shown {
  const clock = figures(input)
  const took = { arrived_in_min: clock?.arrived_in_min ?? null, restored_in_min: clock?.restored_in_min ?? null }
  if (!clock || !input.reported_at || input.state === 'cancelled') return { phase: 'open', ...STILL, ...took }
  if (STOPPED.has(input.state)) {
    return { phase: clock.kept === false ? 'missed' : clock.kept ? 'kept' : 'open', ...STILL, ...took }
  }
  if (clock.basis === 'deadline') return { ...running('deadline', input.reported_at, clock.arrive_by, now), ...took }
  if (!clock.arrived_at) return { ...running('arrive', input.reported_at, clock.arrive_by, now), ...took }
  if (!clock.restore_by) return { phase: 'open', ...STILL, ...took }
  return { ...running('restore', clock.arrived_at, clock.restore_by, now), ...took }
}

const HOUR_S = 3600
const DAY_S = 86_400

/** Time left or past as one large reading: under an hour `37:20`, under two days `05:37`, else whole days. */
export function reading(left_ms: number): { text: string; unit: 'min' | 'h' | 'd' } {
  const s = Math.floor(Math.abs(left_ms) / 1000)
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0')
  if (s < HOUR_S) return { text: `${two(s / 60)}:${two(s % 60)}`, unit: 'min' }
  if (s < 2 * DAY_S) return { text: `${two(s / HOUR_S)}:${two((s % HOUR_S) / 60)}`, unit: 'h' }
  return { text: String(Math.floor(s / DAY_S)), unit: 'd' }
}

export const MILESTONES = ['receive', 'arrive', 'locate', 'repair', 'restore'] as const
export type Milestone = (typeof MILESTONES)[number]

const NEXT: Record<string, Milestone> = {
  new: 'receive',
  received: 'arrive',
  arrived: 'locate',
  located: 'repair',
  repaired: 'restore',
  returned: 'restore',
}

/** The crew's one next step in this state; undefined when nothing is left to do for them. */
export function nextMilestone(state: string): Milestone | undefined {
  return NEXT[state]
}
