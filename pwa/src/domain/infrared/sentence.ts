/** The reason for a grade, as sentences that can be read aloud: keys of the feature's words with their values. Pure. */
import type { Judgement, Rules } from './rules'

export interface Said {
  key: string
  args: Record<string, string>
  /** Args whose value is itself a key of the words. */
  words?: Record<string, string>
}

/** `12` as `12.0`: a temperature is always spoken with its tenth. */
export function fixed(value: number | null | undefined): string {
  return value == null ? '–' : value.toFixed(1)
}

/** A limit without needless zeros: `80`, `0.5`. */
export function plain(value: number | null | undefined): string {
  return value == null ? '–' : String(value)
}

/** What was measured, then what decided. Works from the server's stored judgement as well as from a fresh one. */
export function reason(judgement: Judgement, rules?: Rules): Said[] {
  const { hot, ref, error } = judgement
  const numbers = {
    hot: hot?.label ?? '',
    hotC: fixed(hot?.c),
    ref: ref?.label ?? '',
    refC: fixed(ref?.c),
    ambient: fixed(judgement.ambient_c),
    diff: fixed(judgement.diff_k),
    rise: fixed(judgement.rise_k),
    delta: fixed(judgement.delta_pct),
    limit: plain(judgement.limit),
  }
  if (error !== null) return [{ key: `error.${error}`, args: numbers }]
  const measured: Said = { key: judgement.delta_pct === null ? 'said.measured' : 'said.measured_delta', args: numbers }
  return [measured, decision(judgement, numbers, rules)]
}

function decision(judgement: Judgement, numbers: Record<string, string>, rules?: Rules): Said {
  const { grade, method } = judgement
  if (grade === null) return { key: 'said.no_grade', args: numbers }
  const words = { grade: `grade.${grade}` }
  const voltage = judgement.row.startsWith('V')
  if (grade === 'normal') {
    const limit = voltage ? rules?.voltage.rows.find((row) => row.id === judgement.row)?.limit_low_K : rules?.current.min_diff_k
    if (limit === undefined) return { key: 'said.normal', args: numbers }
    const key = voltage ? 'said.normal_voltage' : judgement.flags.includes('WEAK') ? 'said.normal_weak' : 'said.normal_limit'
    return { key, args: { ...numbers, limit: plain(limit) } }
  }
  if (voltage) return { key: 'said.voltage', args: numbers, words }
  return { key: `said.${method ?? 'same_kind'}`, args: numbers, words }
}
