/** What records are made of. Bodies come from the server's OpenAPI; facts and log entries stand beside them. */
import type { components } from './generated'

type Schemas = components['schemas']

export type Grade = 'normal' | 'general' | 'serious' | 'critical'

/** The body of every kind, by the kind's name. */
export type Bodies = Schemas['Bodies']
export type KindName = keyof Bodies
/** The data of every event, by kind and event. */
export type Events = Schemas['Events']

/** A photo as a record or an event names it; the bytes travel by themselves, keyed by `sha256`. */
export type PhotoRef = Schemas['Photo']
export type Unit = Schemas['Unit']
export type Person = Schemas['Person']
export type Equipment = Schemas['Equipment']
export type MeterBox = Schemas['MeterBox']
export type Finding = Schemas['Finding']
export type Infrared = Schemas['Infrared']
export type Point = Schemas['Point']
export type Weather = NonNullable<Infrared['weather']>
export type Hazard = Schemas['Hazard']
export type Defect = Schemas['Defect']
export type Repair = Schemas['Repair']
export type Violation = Schemas['Violation']
export type LedgerEntry = Schemas['Entry']

export interface Judgement {
  grade: Grade | null
  delta_pct: number | null
  diff_k: number | null
  rise_k: number | null
  hot: { label: string; c: number } | null
  ref: { label: string; c: number } | null
  ambient_c: number
  row: string
  profile: string | null
  catalogue: string
  method: 'surface' | 'relative' | 'same_kind' | null
  /** The threshold that decided. */
  limit: number | null
  flags: ('GAP' | 'ENV' | 'WEAK' | 'PROVISIONAL' | 'NEAR_LIMIT' | 'TRUST' | 'REVIEW')[]
  env: ('ambient' | 'humidity' | 'wind' | 'weather')[]
  near: ('serious_hot' | 'critical_hot' | 'serious_delta' | 'critical_delta' | 'min_diff' | 'voltage_diff')[]
  error: 'T0_ABOVE_T2' | 'SHINY_SURFACE' | 'UNKNOWN_ROW' | 'TOO_FEW_POINTS' | null
  /** Missing in judgements of older servers. */
  accuracy_c?: number | null
  floor?: Grade | null
  revision?: number
}

/** What the server decided about a record; never written by the phone. */
export interface FactsOf {
  unit: Record<string, never>
  person: Record<string, never>
  equipment: Record<string, never>
  meter_box: Record<string, never>
  edition: Record<string, never>
  form: { calculated: Record<string, number> }
  finding: { text: { zh: string; en: string }; severity: number; points: number; goal: string; catalogue: string; violation: string }
  infrared: { judgement: Judgement; defect: string; decided?: { grade: Grade; by: string } | null }
  hazard: {
    severity: 1 | 2 | 3
    grade: Exclude<Grade, 'normal'>
    deadline_at: string
    control_needed: boolean
    notice_needed: boolean
    worst: string[]
    catalogue: string
    defect: string
  }
  defect: { repair: string }
  repair: {
    clock: {
      basis: 'promise' | 'deadline'
      arrived_at: string | null
      restored_at: string | null
      catalogue: string
      arrive_by: string | null
      restore_by: string | null
      arrived_in_min: number | null
      restored_in_min: number | null
      kept: boolean | null
    }
  }
  violation: {
    points: number
    modifiers: string[]
    balance: number
    cap: number
    to_cap: number
    entry: number
    hash: string
  }
  entry: Record<string, never>
}

export type Facts<K extends KindName> = FactsOf[K]

/** One event in a record's log, in the server's order; `pending` ones exist on this phone only. */
export interface Entry {
  id: string
  type: string
  at: string
  received_at?: string
  /** What the server's clock was ahead of the device's when it was written, and how well that is known, ms. */
  skew_ms?: number
  skew_error_ms?: number | null
  by: string
  by_name: string
  /** In whose place a deputy did it. */
  instead_of?: string
  instead_of_name?: string
  device?: string | null
  data: Record<string, unknown>
  pending?: boolean
}

export type State = string

export interface EventRule {
  name: string
  source: string[]
  target: string | null
  roles: string[]
  whole: boolean
  /** Fields of the body that the event changes; its data are then a reason and the changes. */
  amends: string[]
}

/** A kind's state machine, as `mingcha kinds` prints it. */
export interface KindRule {
  since: number
  /** States in which nothing more is to be done. */
  closed: string[]
  /** Things rather than work: the first that a phone goes without. */
  register: boolean
  merge: 'draft' | 'fields' | 'events' | 'server'
  initial: string
  editable: string[]
  put_roles: string[]
  events: EventRule[]
}
