import type { Entry } from '@/api/kinds'

/** What an event carried; the feed leaves empty data out. */
export function said(entry: Pick<Entry, 'data'> | undefined): Record<string, unknown> {
  return (entry?.data as Record<string, unknown> | undefined) ?? {}
}

/** A text that an event carried, or ''. */
export function saidText(entry: Pick<Entry, 'data'> | undefined, ...fields: string[]): string {
  const found = fields.map((field) => said(entry)[field]).find((value) => typeof value === 'string')
  return typeof found === 'string' ? found : ''
}

/** Why a record was last sent back or rejected, or ''. */
export function reasonOf(log: readonly { type: string; data: Record<string, unknown> }[]): string {
  const last = log.findLast((entry) => entry.type === 'return' || entry.type === 'reject')
  return typeof last?.data.reason === 'string' ? last.data.reason : ''
}
