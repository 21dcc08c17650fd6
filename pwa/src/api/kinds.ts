/** What records are made of: the bodies, facts and log entries as the server defines them. */

export type Grade = 'normal' | 'general' | 'serious' | 'critical'

/** A photo as a record or an event names it; the bytes travel by themselves, keyed by `sha256`. */
export interface PhotoRef {
  sha256: string
  /** Bytes. */
  size: number
  type: string
  role: string
  /** ISO 8601 with zone. */
  taken_at: string
  name?: string | null
  lat?: number | null
  lon?: number | null
  accuracy_m?: number | null
  origin?: 'camera' | 'gallery' | 'import'
}

export interface Unit {
  name: string
  name_en?: string | null
  level: 'county' | 'station'
  parent?: string | null
  area: 'urban' | 'rural' | 'remote'
}

export interface Person {
  name: string
  unit: string
  post: string
  profession?: string | null
  roles: string[]
}

export interface Equipment {
  code: string
  name: string
  unit: string
  line: string
  type: string
  /** Row of the infrared rules that judges this equipment by default. */
  row: string
  voltage_kv: number
  rated_a?: number | null
  area_name?: string | null
  owner?: string | null
  lat?: number | null
  lon?: number | null
}

export interface MeterBox {
  code: string
  unit: string
  area_name: string
  address: string
  material: 'metal' | 'plastic'
  positions: number
  ownership: 'utility' | 'customer' | 'property'
  owner?: string | null
  seal?: string | null
  lat?: number | null
  lon?: number | null
}

export interface Finding {
  unit: string
  visit: 'unannounced' | 'regular' | 'directed'
  place?: string | null
  item: string
  catalogue: string
  person?: string | null
  happened_at: string
  fact: string
  complaint: boolean
  self_reported: boolean
  false_evidence: boolean
  photos: PhotoRef[]
}

export interface Point {
  label: string
  temp_c: number
}

export type Weather = 'sunny' | 'cloudy' | 'overcast' | 'rain' | 'fog' | 'snow' | 'thunder'

export interface Infrared {
  unit: string
  equipment: string
  taken_at: string
  row: string
  points: Point[]
  ambient_c: number
  load_a?: number | null
  rated_a?: number | null
  emissivity: number
  distance_m?: number | null
  humidity_pct?: number | null
  wind_m_s?: number | null
  weather?: Weather | null
  camera?: string | null
  note?: string | null
  photos: PhotoRef[]
}

export interface Hazard {
  unit: string
  meter_box: string
  items: string[]
  ownership: 'utility' | 'customer' | 'property'
  found_at: string
  /** Immediate control was done on the spot. */
  controlled: boolean
  note?: string | null
  photos: PhotoRef[]
}

export interface Defect {
  unit: string
  source_kind: 'infrared' | 'hazard'
  source: string
  equipment?: string | null
  meter_box?: string | null
  grade: Exclude<Grade, 'normal'>
  title: string
  opened_at: string
  deadline_at: string
  owner?: string | null
}

export interface Repair {
  unit: string
  defect?: string | null
  title: string
  area: 'urban' | 'rural' | 'remote'
  place: string
  equipment?: string | null
  meter_box?: string | null
  grade: Exclude<Grade, 'normal'>
  reported_at: string
  deadline_at: string
}

export interface Violation {
  unit: string
  person: string
  item: string
  catalogue: string
  rule: string
  finding: string
  finder: string
  happened_at: string
  fact: string
  complaint: boolean
  self_reported: boolean
  false_evidence: boolean
  base_points: number
  proposed_points: number
  modifiers: string[]
  photos: PhotoRef[]
}

export interface LedgerEntry {
  n: number
  person: string
  unit: string
  item: string
  catalogue: string
  rule: string
  base_points: number
  modifiers: string[]
  points: number
  finding: string
  violation: string
  finder: string
  decider: string
  decided_at: string
  happened_at: string
  balance: number
  cap: number
  fact: string
  photos: PhotoRef[]
  prev_hash: string
  hash: string
  note?: string | null
}

export interface Bodies {
  unit: Unit
  person: Person
  equipment: Equipment
  meter_box: MeterBox
  finding: Finding
  infrared: Infrared
  hazard: Hazard
  defect: Defect
  repair: Repair
  violation: Violation
  entry: LedgerEntry
}

export type KindName = keyof Bodies

export interface Judgement {
  grade: Grade | null
  delta_pct: number | null
  diff_k: number | null
  rise_k: number | null
  hot: { label: string; c: number } | null
  ref: { label: string; c: number } | null
  ambient_c: number
  row: string
  profile: string
  catalogue: string
  method: 'surface' | 'relative' | 'same_kind' | null
  /** The threshold that decided. */
  limit: number | null
  flags: string[]
  env: string[]
  near: string[]
  error: string | null
}

/** What the server decided about a record; never written by the phone. */
export interface FactsOf {
  unit: Record<string, never>
  person: Record<string, never>
  equipment: Record<string, never>
  meter_box: Record<string, never>
  finding: { text: { zh: string; en: string }; severity: number; points: number; goal: string; catalogue: string; violation: string }
  infrared: { judgement: Judgement; defect: string }
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
  by: string
  by_name: string
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
}

/** A kind's state machine, as `mingcha kinds` prints it. */
export interface KindRule {
  since: number
  merge: 'draft' | 'fields' | 'events' | 'server'
  initial: string
  editable: string[]
  put_roles: string[]
  events: EventRule[]
}
