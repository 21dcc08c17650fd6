/** The whole ledger as the server keeps it, with its own check of the chain. */
import { apiGet, Problem } from '@/api/client'
import type { LedgerEntry } from '@/api/kinds'

/** A line of the ledger: photos by their hash alone, so that the line proves them. */
export type Line = Omit<LedgerEntry, 'photos'> & { photos: string[]; note?: string }

export interface Chain {
  count: number
  ok: boolean
  head: string | null
  /** Number of the first line that does not hold. */
  broken_at: number | null
}

export interface Ledger {
  entries: Line[]
  chain: Chain
  /** When the server checked it, by this machine's clock; ISO 8601. */
  at: string
}

interface Page {
  entries: Line[]
  more: boolean
  chain: Chain
}
const PAGE = 500

/** All pages in order; 'no_right' or 'offline' instead of an error. */
export async function fetchLedger(now: () => Date): Promise<Ledger | 'no_right' | 'offline'> {
  const entries: Line[] = []
  try {
    for (;;) {
      const page = await apiGet<Page>(`/api/v1/points/ledger?after=${entries.at(-1)?.n ?? 0}&limit=${PAGE}`)
      entries.push(...page.entries)
      if (!page.more) return { entries, chain: page.chain, at: now().toISOString() }
    }
  } catch (error) {
    return error instanceof Problem && [403, 404].includes(error.status) ? 'no_right' : 'offline'
  }
}
