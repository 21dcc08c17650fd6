/** The whole ledger as the server keeps it, and its own check of the chain. */
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

export interface Checked {
  chain: Chain
  /** When the server checked it, by this machine's clock; ISO 8601. */
  at: string
}

interface Page {
  entries: Line[]
  more: boolean
}
const PAGE = 500

/** All pages in order; 'no_right' or 'offline' instead of an error. */
export async function fetchLedger(): Promise<Line[] | 'no_right' | 'offline'> {
  const entries: Line[] = []
  try {
    for (;;) {
      const page = await apiGet<Page>(`/api/v1/points/ledger?after=${entries.at(-1)?.n ?? 0}&limit=${PAGE}`)
      entries.push(...page.entries)
      if (!page.more) return entries
    }
  } catch (error) {
    return error instanceof Problem && [403, 404].includes(error.status) ? 'no_right' : 'offline'
  }
}

/** All lines are checked for it, which takes its time; undefined when the server does not answer. */
export async function fetchChain(now: () => Date): Promise<Checked | undefined> {
  try {
    const chain = await apiGet<Chain>('/api/v1/points/ledger/chain')
    return { chain, at: now().toISOString() }
  } catch {
    return undefined
  }
}
