/** The one of the seven zeros that a record bears on; as the server counts it (`backend/lists/standing.py`). Pure. */

export type Zero = 'Z1' | 'Z2' | 'Z3' | 'Z4' | 'Z5' | 'Z6' | 'Z7'

/** `facts` are the server's; a finding bears on its checklist item's. Undefined: on none, or not known yet. */
export function zeroOf(kind: string, facts: unknown): string | undefined {
  const known = facts as { goal?: string; clock?: { basis: string } }
  if (kind === 'defect') return 'Z7'
  if (kind === 'repair') return known.clock && (known.clock.basis === 'promise' ? 'Z6' : 'Z4')
  return kind === 'finding' ? known.goal : undefined
}
