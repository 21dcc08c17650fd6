/** How a piece of equipment or a meter box stands, from the records on this phone. Pure. */
import type { Grade } from '@/api/kinds'
import { OPEN_DEFECT } from '@/domain/todo'

export interface Row {
  id: string
  state: string
  data: object
  facts: object
}

export interface About<R extends Row> {
  /** The newest grade that was not rejected, and when it was measured or found. */
  last: { grade: Grade; at: string } | undefined
  /** Defects not closed yet, the one that runs out first on top. */
  open: R[]
}

function graded(row: Row): { grade: Grade; at: string } | undefined {
  const facts = row.facts as { judgement?: { grade: Grade | null }; grade?: Grade }
  const data = row.data as { taken_at?: string; found_at?: string }
  const grade = facts.judgement?.grade ?? facts.grade
  const at = data.taken_at ?? data.found_at
  return grade && at && row.state !== 'rejected' ? { grade, at } : undefined
}

const deadline = (row: Row) => Date.parse((row.data as { deadline_at?: string }).deadline_at ?? '') || Infinity

export function aboutThing<R extends Row>(records: readonly R[], defects: readonly R[]): About<R> {
  const grades = records.map(graded).filter((found) => found !== undefined)
  return {
    last: grades.sort((a, b) => Date.parse(b.at) - Date.parse(a.at))[0],
    open: defects.filter((defect) => OPEN_DEFECT.includes(defect.state)).sort((a, b) => deadline(a) - deadline(b)),
  }
}
