/**
 * What an app of the version before writes, and what the servers of a round must make of it: a reading of its own of
 * `tests/simulate/release.py`. A phone of that version writes the older form wherever the app writes today's.
 */
type Fields = Record<string, unknown>

/** What the server puts behind an address of before. */
const PLACE = '号'
/** Kinds that the version before does not know. */
export const NEW_KINDS: readonly string[] = ['violation']

const BEFORE: Record<string, Record<string, string>> = { meter_box: { seal: 'seal_no' }, finding: { reason: 'why' } }

/** Data of an operation as the version before would have written it. */
export function older(kind: string, data: Fields): Fields {
  const names = BEFORE[kind] ?? {}
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [names[name] ?? name, value]))
}

/** What the version before wrote, as of today. */
export function lifted(kind: string, data: Fields): Fields {
  const names = Object.fromEntries(Object.entries(BEFORE[kind] ?? {}).map(([today, before]) => [before, today]))
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [names[name] ?? name, kind === 'meter_box' && name === 'address' && typeof value === 'string' ? value + PLACE : value]),
  )
}
