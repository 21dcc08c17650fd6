/** Reasons a reviewer is offered for a return or a rejection, first those that the record itself suggests. Pure. */
import type { ReviewedKind } from '@/domain/reviewed'

export interface Seen {
  kind: ReviewedKind
  /** Flags of the judgement: ENV, WEAK, PROVISIONAL … */
  flags: readonly string[]
  error: string | null
  roles: readonly string[]
  /** A photo given as thermal holds no temperatures. */
  noTemperatures: boolean
  /** A recorded temperature lies above all that the thermal picture holds. */
  hotterThanPicture: boolean
  /** One of its photos also stands in another record. */
  sharedPhoto: boolean
  /** Immediate control is required and not reported as done. */
  notControlled: boolean
  personNamed: boolean
}

/** Key of the reason's words under `review.reason`, and the body's fields that the author has to look at again. */
export interface Reason {
  key: ReasonKey
  fields: string[]
}

export const REASONS = {
  no_temperatures: ['photos'],
  shared: ['photos'],
  ambient_high: ['ambient_c', 'points'],
  shiny: ['emissivity'],
  env: ['weather', 'wind_m_s', 'humidity_pct'],
  no_load: ['load_a', 'rated_a'],
  aim: ['photos', 'points'],
  points: ['points'],
  label: ['photos'],
  blurred: ['photos'],
  overall: ['photos'],
  close_up: ['photos'],
  number: ['photos'],
  control: ['controlled', 'note'],
  wrong_hazard: ['items'],
  evidence: ['photos'],
  person: ['person'],
  item: ['item'],
  fact: ['fact'],
  after: ['photos'],
  cause: [],
  measure: [],
  site: [],
  duplicate: [],
  not_shown: [],
  wrong_object: [],
  practice: [],
} as const satisfies Record<string, readonly string[]>

export type ReasonKey = keyof typeof REASONS

const USUAL: Record<ReviewedKind, readonly ReasonKey[]> = {
  infrared: ['aim', 'points', 'label', 'blurred'],
  hazard: ['number', 'wrong_hazard', 'blurred'],
  finding: ['evidence', 'fact', 'item', 'blurred'],
  form: ['fact', 'blurred'],
  repair: ['after', 'cause', 'measure', 'site'],
}

function suggested(seen: Seen): ReasonKey[] {
  const found: ReasonKey[] = []
  if (seen.noTemperatures) found.push('no_temperatures')
  if (seen.hotterThanPicture) found.push('points')
  if (seen.sharedPhoto) found.push('shared')
  if (seen.error === 'T0_ABOVE_T2') found.push('ambient_high')
  if (seen.error === 'SHINY_SURFACE') found.push('shiny')
  if (seen.flags.includes('ENV')) found.push('env')
  if (seen.flags.includes('PROVISIONAL')) found.push('no_load')
  if (seen.kind === 'hazard') {
    if (seen.notControlled) found.push('control')
    if (!seen.roles.includes('overall')) found.push('overall')
    if (!seen.roles.includes('close_up')) found.push('close_up')
  }
  if (seen.kind === 'finding' && !seen.personNamed) found.push('person')
  return found
}

const reason = (key: ReasonKey): Reason => ({ key, fields: [...REASONS[key]] })

/** At most nine, so that each has its digit. */
export function returnReasons(seen: Seen): Reason[] {
  return [...new Set([...suggested(seen), ...USUAL[seen.kind]])].slice(0, 9).map(reason)
}

export function rejectReasons(seen: Seen): Reason[] {
  const first: ReasonKey[] = seen.sharedPhoto ? ['shared'] : []
  return [...first, 'not_shown' as const, 'duplicate' as const, 'wrong_object' as const, 'practice' as const].map(reason)
}

/** Accuracy of an infrared camera, °C: what differs by less is no contradiction (MEDIA: ± 2 °C or 2 %). */
const CAMERA_C = 2
const CAMERA_SHARE = 0.02

/** Whether the recorded hottest point cannot have been read from a picture whose highest pixel is `max`. */
export function hotterThan(recorded: number, max: number): boolean {
  return recorded - max > Math.max(CAMERA_C, Math.abs(recorded) * CAMERA_SHARE)
}

/** The fields of all chosen reasons, each once. */
export function fieldsOf(chosen: readonly Reason[]): string[] {
  return [...new Set(chosen.flatMap((given) => given.fields))]
}
