import { t } from '@/app/i18n'

import { fixed } from './sentence'

interface Flagged {
  flags: readonly string[]
  env: readonly string[]
  near: readonly string[]
  accuracy_c?: number | null
}

/** What a reviewer must know about a grade, in words. */
export function flagTexts(judgement: Flagged | undefined): { flag: string; text: string }[] {
  if (!judgement) return []
  const all = (kind: string, names: readonly string[]) => names.map((name) => t(`infrared.${kind}.${name}`)).join(t('strip.and'))
  const args = { env: all('env', judgement.env), near: all('near', judgement.near), accuracy: fixed(judgement.accuracy_c ?? 2) }
  return judgement.flags.map((flag) => ({ flag, text: t(`infrared.flag.${flag}`, args) }))
}

/** No grade holds until a person sets it. */
const OPEN: readonly string[] = ['NEAR_LIMIT', 'TRUST']

/** Whether a person sets the grade: `must` where the rule's holds nothing, `may` where he confirms it or sets another. */
export function personGrades(judgement: { grade: string | null; flags: readonly string[]; error: string | null } | undefined): 'must' | 'may' | undefined {
  if (!judgement || judgement.error) return undefined
  const open = judgement.flags.some((flag) => OPEN.includes(flag))
  return open && judgement.grade ? 'must' : open || judgement.flags.includes('REVIEW') ? 'may' : undefined
}
