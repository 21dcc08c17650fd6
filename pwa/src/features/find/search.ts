/** Search over a few hundred register rows on the phone: every word must occur in some field; codes that begin with it come first. Pure. */

/** ASCII and Chinese characters, which NFKC leaves as they are: the whole register is folded at once. */
const PLAIN = /^[\x20-\x7e\u4e00-\u9fff]*$/

/** Lower case, full-width forms to half-width, no blanks around. */
export function fold(text: string): string {
  return (PLAIN.test(text) ? text : text.normalize('NFKC')).toLowerCase().trim()
}

export interface Indexed<T> {
  item: T
  code: string
  text: string
}

export function index<T>(items: readonly T[], fields: (item: T) => readonly (string | null | undefined)[]): Indexed<T>[] {
  return items.map((item) => {
    const values = fields(item).map((value) => fold(value ?? ''))
    return { item, code: values[0] ?? '', text: values.join('\n') }
  })
}

/** The best `limit` hits; an empty query gives the first rows in their own order. `total` counts all hits. */
export function find<T>(rows: readonly Indexed<T>[], query: string, limit: number): { hits: T[]; total: number } {
  const words = fold(query).split(/\s+/).filter(Boolean)
  const hits = words.length === 0 ? rows : rows.filter((row) => words.every((word) => row.text.includes(word)))
  const first = words[0]
  const ranked =
    first === undefined
      ? hits
      : [...hits].sort((a, b) => Number(b.code.startsWith(first)) - Number(a.code.startsWith(first)))
  return { hits: ranked.slice(0, limit).map((row) => row.item), total: hits.length }
}
