/**
 * Infrared judgement by DL/T 664 as the catalogue gives it; the same rule as `backend/features/infrared/rules.py`,
 * held together by `tests/vectors/dlt664.json`. Pure.
 *
 * Temperatures, differences and the relative difference are rounded to one decimal before anything is compared:
 * what the phone shows is what was judged.
 */
import type { Grade, Weather } from '@/api/kinds'

export type Method = 'surface' | 'relative' | 'same_kind'
export type Failure = 'T0_ABOVE_T2' | 'SHINY_SURFACE' | 'UNKNOWN_ROW' | 'TOO_FEW_POINTS'
export const FLAGS = ['GAP', 'ENV', 'WEAK', 'PROVISIONAL', 'NEAR_LIMIT', 'TRUST', 'REVIEW'] as const
export type Flag = (typeof FLAGS)[number]
export type EnvLimit = 'ambient' | 'humidity' | 'wind' | 'weather'
export const NEAR = ['serious_hot', 'critical_hot', 'serious_delta', 'critical_delta', 'min_diff'] as const
export type NearLimit = (typeof NEAR)[number]

export interface Spot {
  label: string
  /** °C, rounded to 0.1. */
  c: number
}

export interface Reading {
  row: string
  points: readonly { label: string; temp_c: number }[]
  ambient_c: number
  emissivity?: number | null | undefined
  load_a?: number | null | undefined
  rated_a?: number | null | undefined
  humidity_pct?: number | null | undefined
  wind_m_s?: number | null | undefined
  weather?: Weather | null | undefined
  /** Of the picture that the points were read off. */
  trust?: string | undefined
}

export interface Judgement {
  /** null: `error` says why, or the survey's conditions allow no grade below serious. */
  grade: Grade | null
  delta_pct: number | null
  diff_k: number | null
  rise_k: number | null
  hot: Spot | null
  ref: Spot | null
  ambient_c: number
  row: string
  profile: string | null
  catalogue: string
  method: Method | null
  /** The limit that decided: °C for surface, % for relative, K for same_kind. */
  limit: number | null
  flags: Flag[]
  env: EnvLimit[]
  /** Limits that the camera's error would cross, so that the grade would be another. */
  near: NearLimit[]
  error: Failure | null
  /** The camera's error at the hottest point, in °C. */
  accuracy_c: number | null
  /** Of this rule, beside the edition of its limits. */
  revision: number
}

export interface Words {
  zh: string
  en: string
}

export interface CurrentRow {
  id: string
  equipment: Words
  part_zh: string
  general_diff_max_K: number
  serious_hot_C: number
  serious_delta_pct: number
  critical_hot_C: number
  critical_delta_pct: number
}

export interface VoltageRow {
  id: string
  equipment: Words
  part_zh: string
  limit_low_K: number
}

export interface Rules {
  version: string
  current: { id: string; min_diff_k: number; rows: readonly CurrentRow[] }
  voltage: { id: string; rows: readonly VoltageRow[] }
  weak_below_rise_k: number
  shiny_emissivity_max: number
  survey: {
    ambient_min_c: number
    humidity_max_pct: number
    wind_max_m_s: number
    precise_wind_max_m_s: number
    load_min_pct_rated: number
    weather_not: readonly Weather[]
  }
}

/** The parts of `dlt664_rules.json` that a judgement needs. */
export interface RawRules {
  version: string
  formula: { weak_below_rise_K: { value: number } }
  profiles: readonly { id: string; min_diff_K?: { value: number }; rows?: readonly unknown[] }[]
  environment: {
    general: {
      ambient_min_C: number
      humidity_max_pct: number
      wind_max_m_s: number
      load_min_pct_rated: number
      weather_not: readonly string[]
    }
    precise: { wind_max_m_s: number }
  }
  emissivity: readonly { value: number; verify: string }[]
}

const WEATHER: Record<string, Weather> = { 雷: 'thunder', 雨: 'rain', 雾: 'fog', 雪: 'snow' }

/** The catalogue's file as rules; Error when it has not the shape this program knows. */
export function readRules(raw: RawRules): Rules {
  const current = raw.profiles.find((profile) => profile.id === 'dlt664_2008_current')
  const voltage = raw.profiles.find((profile) => profile.id === 'dlt664_voltage')
  if (!current?.rows || !current.min_diff_K || !voltage?.rows) throw new Error('dlt664 catalogue without profiles')
  const { general, precise } = raw.environment
  return {
    version: raw.version,
    current: { id: current.id, min_diff_k: current.min_diff_K.value, rows: current.rows as CurrentRow[] },
    voltage: { id: voltage.id, rows: voltage.rows as VoltageRow[] },
    weak_below_rise_k: raw.formula.weak_below_rise_K.value,
    shiny_emissivity_max: Math.max(
      ...raw.emissivity.filter((row) => row.verify.includes('do not grade')).map((row) => row.value),
    ),
    survey: {
      ambient_min_c: general.ambient_min_C,
      humidity_max_pct: general.humidity_max_pct,
      wind_max_m_s: general.wind_max_m_s,
      precise_wind_max_m_s: precise.wind_max_m_s,
      load_min_pct_rated: general.load_min_pct_rated,
      weather_not: general.weather_not.flatMap((word) => WEATHER[word] ?? []),
    },
  }
}

const REVISION = 3
const ACCURACY_C = 2 // what makers state for industrial cameras: ±2 °C or ±2 %, the larger
const ACCURACY_SHARE = 0.02
const RANK: readonly Grade[] = ['normal', 'general', 'serious', 'critical']

/** By how much a reading may be wrong, in °C. */
export function accuracy(celsius: number): number {
  return Math.max(ACCURACY_C, ACCURACY_SHARE * Math.abs(celsius))
}

/** Round half up to one decimal, the same in Python and JavaScript. */
export function tenth(value: number): number {
  return Math.floor(value * 10 + 0.5) / 10
}

interface Verdict {
  grade: Grade
  method: Method | null
  limit: number | null
  flags: Set<Flag>
}

/** Grade one device by its hottest point, its coolest point and the surroundings. */
export function judge(rules: Rules, reading: Reading): Judgement {
  const current = rules.current.rows.find((row) => row.id === reading.row)
  const voltage = rules.voltage.rows.find((row) => row.id === reading.row)
  const [hot, ref] = extremes(reading)
  const ambient = tenth(reading.ambient_c)
  const diff = hot && ref ? tenth(hot.c - ref.c) : null
  const rise = hot ? tenth(hot.c - ambient) : null
  const error = failure(rules, reading, current, voltage, ref, ambient)
  const delta = current && hot && ref ? relative(hot.c, ref.c, ambient) : null
  const env = outOfLimits(rules, reading, voltage !== undefined)

  let grade: Grade | null = null
  let verdict: Verdict = { grade: 'normal', method: null, limit: null, flags: new Set() }
  let near: NearLimit[] = []
  if (error === null && hot && ref && diff !== null) {
    if (voltage) verdict = judgeVoltage(voltage, diff)
    else if (current) {
      verdict = judgeCurrent(rules, current, hot.c, ref.c, ambient)
      near = nearLimits(rules, current, verdict, hot.c, ref.c, ambient)
      if (provisional(rules, reading)) verdict.flags.add('PROVISIONAL')
    }
    if (near.length > 0) verdict.flags.add('NEAR_LIMIT')
    if ((reading.trust ?? 'exact') !== 'exact') verdict.flags.add('TRUST')
    grade = env.length > 0 && (verdict.grade === 'normal' || verdict.grade === 'general') ? null : verdict.grade
  }
  if (env.length > 0) verdict.flags.add('ENV')
  return {
    grade,
    delta_pct: delta,
    diff_k: diff,
    rise_k: rise,
    hot: hot ?? null,
    ref: ref ?? null,
    ambient_c: ambient,
    row: reading.row,
    profile: voltage ? rules.voltage.id : current ? rules.current.id : null,
    catalogue: rules.version,
    method: grade ? verdict.method : null,
    limit: grade ? verdict.limit : null,
    flags: FLAGS.filter((flag) => verdict.flags.has(flag)),
    env,
    near,
    error,
    accuracy_c: hot ? tenth(accuracy(hot.c)) : null,
    revision: REVISION,
  }
}

/** Relative difference in %; null when nothing is warmer than the surroundings. */
function relative(hot: number, ref: number, ambient: number): number | null {
  return tenth(hot - ambient) > 0 ? tenth(((hot - ref) / (hot - ambient)) * 100) : null
}

/** The hottest point and the coolest of the others; the first one wins a tie. */
function extremes(reading: Reading): [Spot, Spot] | [undefined, undefined] {
  const spots = reading.points.map(({ label, temp_c }) => ({ label, c: tenth(temp_c) }))
  const [first, second] = spots
  if (!first || !second) return [undefined, undefined]
  const hot = spots.reduce((best, spot) => (spot.c > best.c ? spot : best), first)
  const others = spots.filter((spot) => spot !== hot)
  const ref = others.reduce((best, spot) => (spot.c < best.c ? spot : best), others[0] ?? second)
  return [hot, ref]
}

function failure(
  rules: Rules,
  reading: Reading,
  current: CurrentRow | undefined,
  voltage: VoltageRow | undefined,
  ref: Spot | undefined,
  ambient: number,
): Failure | null {
  if (!current && !voltage) return 'UNKNOWN_ROW'
  if (!ref) return 'TOO_FEW_POINTS'
  // Bare polished metal mirrors its surroundings: use tape or a paint spot.
  if ((reading.emissivity ?? 0.9) <= rules.shiny_emissivity_max) return 'SHINY_SURFACE'
  // Would give more than 100 %: somebody typed a wrong value.
  if (current && ambient > ref.c) return 'T0_ABOVE_T2'
  return null
}

/** Which survey limits are broken. Differences of half a kelvin need the precise survey's calm air. */
function outOfLimits(rules: Rules, reading: Reading, precise: boolean): EnvLimit[] {
  const { survey } = rules
  const windMax = precise ? survey.precise_wind_max_m_s : survey.wind_max_m_s
  const broken: EnvLimit[] = []
  if (reading.ambient_c < survey.ambient_min_c) broken.push('ambient')
  if (reading.humidity_pct != null && reading.humidity_pct > survey.humidity_max_pct) broken.push('humidity')
  if (reading.wind_m_s != null && reading.wind_m_s > windMax) broken.push('wind')
  if (reading.weather != null && survey.weather_not.includes(reading.weather)) broken.push('weather')
  return broken
}

/** Without the load, or under the least share of it, the heat at full load stays unknown. */
function provisional(rules: Rules, reading: Reading): boolean {
  if (reading.load_a == null) return true
  return Boolean(reading.rated_a) && (reading.load_a / (reading.rated_a ?? 1)) * 100 < rules.survey.load_min_pct_rated
}

/** Current heating. Under `weak_below_rise_k` the relative difference is shown but not judged by: camera noise would grade. */
function judgeCurrent(rules: Rules, row: CurrentRow, hot: number, ref: number, ambient: number): Verdict {
  const diff = tenth(hot - ref)
  const weak = tenth(hot - ambient) < rules.weak_below_rise_k
  const flags = new Set<Flag>(weak ? ['WEAK'] : [])
  const usable = weak ? null : relative(hot, ref, ambient)
  const verdict = (grade: Grade, method: Method | null = null, limit: number | null = null): Verdict => ({ grade, method, limit, flags })
  if (hot > row.critical_hot_C) return verdict('critical', 'surface', row.critical_hot_C)
  if (usable !== null && usable >= row.critical_delta_pct) return verdict('critical', 'relative', row.critical_delta_pct)
  if (hot > row.serious_hot_C) return verdict('serious', 'surface', row.serious_hot_C)
  if (usable !== null && usable >= row.serious_delta_pct) return verdict('serious', 'relative', row.serious_delta_pct)
  if (diff >= rules.current.min_diff_k) {
    if (diff > row.general_diff_max_K) flags.add('GAP').add('REVIEW')
    return verdict('general', 'same_kind', rules.current.min_diff_k)
  }
  return verdict('normal')
}

/**
 * Limits that the camera's error would cross. All points come from one camera: its error moves them the same way, and
 * differences stay nearly what they are. The surroundings are measured with a thermometer.
 */
function nearLimits(rules: Rules, row: CurrentRow, verdict: Verdict, hot: number, ref: number, ambient: number): NearLimit[] {
  const crossed = [1, -1].flatMap((sign) => {
    const moved = (celsius: number) => tenth(celsius + sign * accuracy(celsius))
    const other = judgeCurrent(rules, row, moved(hot), moved(ref), ambient)
    if (other.grade === verdict.grade) return []
    const higher = RANK.indexOf(other.grade) > RANK.indexOf(verdict.grade) ? other : verdict
    return higher.grade === 'general' ? 'min_diff' : (`${higher.grade}_${higher.method === 'relative' ? 'delta' : 'hot'}` as NearLimit)
  })
  return NEAR.filter((name) => crossed.includes(name))
}

/** Voltage heating: tenths of a kelvin matter and a person decides; never closed by itself. */
function judgeVoltage(row: VoltageRow, diff: number): Verdict {
  if (diff >= row.limit_low_K) {
    return { grade: 'serious', method: 'same_kind', limit: row.limit_low_K, flags: new Set(['REVIEW']) }
  }
  return { grade: 'normal', method: null, limit: null, flags: new Set() }
}
