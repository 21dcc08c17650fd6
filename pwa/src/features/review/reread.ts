/** What the server's own reading of a thermal picture says, in sentences. Pure. */
import type { components } from '@/api/generated'
import { celsius } from '@/desk/evidence/scale'

const OF_ITS_OWN = ['not_adjustable', 'conditions']

/** Keys of words with what goes into them; one sentence for each place that differs. */
export function rereadTexts({ state, marks, wrong, reason }: components['schemas']['Remeasured']): { key: string; args: Record<string, string> }[] {
  if (state === 'unreadable') return [{ key: OF_ITS_OWN.includes(reason ?? '') ? 'conditions' : 'unreadable', args: { code: reason ?? '' } }]
  if (state !== 'differs') return [{ key: state, args: {} }]
  const places = marks
    .filter(({ agrees }) => !agrees)
    .map(({ label, noted_c, read_c }) => ({ key: read_c === null ? 'nothing' : 'differs', args: { label, noted: celsius(noted_c), read: read_c === null ? '' : celsius(read_c) } }))
  return [...places, ...(wrong.length > 0 ? [{ key: 'wrong', args: {} }] : [])]
}
