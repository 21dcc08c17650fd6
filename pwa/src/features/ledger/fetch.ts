/** The whole ledger as the server keeps it, with its own check of the chain. */
import { apiGet, Problem } from '@/api/client'
import type { LedgerEntry } from '@/api/kinds'

export interface Check {
  count: number
  ok: boolean
  head: string
}

export interface Ledger {
  entries: LedgerEntry[]
  check: Check
  at: string
}

type Page = { entries: LedgerEntry[] } & Check
const PAGE = 500

/** All pages in order. 'no_right' or 'offline' instead of an error; other answers are passed on. */
export async function fetchLedger(now: () => Date): Promise<Ledger | 'no_right' | 'offline'> {
  const entries: LedgerEntry[] = []
  try {
    for (;;) {
      const page = await apiGet<Page>(`/api/v1/points/ledger?after=${entries.at(-1)?.n ?? 0}&limit=${PAGE}`)
      entries.push(...page.entries)
      if (page.entries.length < PAGE) {
        return { entries, check: { count: page.count, ok: page.ok, head: page.head }, at: now().toISOString() }
      }
    }
  } catch (error) {
    if (error instanceof Problem) return [403, 404].includes(error.status) ? 'no_right' : 'offline'
    return 'offline'
  }
}
