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
