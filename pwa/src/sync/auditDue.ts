/** When it is looked whether this phone holds what the server holds, see audit.ts: weekly, after something odd, and when the person asks. */
import { getMeta, setMeta, type Store } from './db'

const EVERY_MS = 7 * 24 * 3_600_000

export interface AuditResult {
  at: number
  /** first: not looked yet · same · mended: differences were found and fetched · open: some are still there. */
  state: 'first' | 'same' | 'mended' | 'open'
  rows: number
  /** Rows found to differ. */
  differing: number
}

/** The person asks, or something odd happened: the next sync looks. */
export async function askForAudit(db: Store): Promise<void> {
  await setMeta(db, 'auditDue', true)
}

export async function auditDue(db: Store, now: number): Promise<boolean> {
  if (await getMeta<boolean>(db, 'auditDue')) return true
  const last = await getMeta<AuditResult>(db, 'audit')
  if (!last) await setMeta(db, 'audit', { at: now, state: 'first', rows: 0, differing: 0 } satisfies AuditResult)
  return last !== undefined && last.at < now - EVERY_MS
}
