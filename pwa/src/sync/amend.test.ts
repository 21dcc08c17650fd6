import { describe, expect, it } from 'vitest'

import type { BaseRow, OutRow } from './db'
import { fold } from './fold'
import { SELF } from './testing'

const ID = '01900000-0000-7000-8000-000000000001'
const photo = (mark: string) => ({ sha256: mark.repeat(64) })
const base = {
  id: ID, kind: 'infrared', scope: 'u:1', seq: 3, rev: 3, state: 'submitted', author: SELF.id, at: '2026-11-24T08:00:00Z', missing: [], log: [],
  data: { ambient_c: 12, load_a: 200, photos: [photo('a')] }, facts: { judgement: { grade: 'critical' }, defect: 'd' },
} as unknown as BaseRow

function amend(changes: object, more: Partial<OutRow> = {}): OutRow {
  return {
    seq: 1, device: 'd', n: 1, op: 'event', kind: 'infrared', record: ID, id: 'e', type: 'amend', base: 3, at: '2026-11-24T09:00:00Z',
    data: { reason: 'misread', changes }, schema: 1, status: 'queued', live: 1, flying: 0, ...more,
  } as OutRow
}

const view = (...ops: OutRow[]) => fold('infrared', ID, base, ops, [], SELF)!.view

describe('a pending amendment', () => {
  it('shows the new value, the old one in the log, and no judgement of before', () => {
    const shown = view(amend({ ambient_c: 15 }))
    expect(shown.data).toMatchObject({ ambient_c: 15, load_a: 200 })
    expect(shown.state).toBe('submitted')
    expect(shown.facts).toEqual({ defect: 'd' })
    expect(shown.log.at(-1)).toMatchObject({ type: 'amend', pending: true, data: { reason: 'misread', changes: { ambient_c: 15 }, before: { ambient_c: 12 } } })
    expect(base.data.ambient_c).toBe(12)
  })

  it('takes no photo away', () => {
    expect(view(amend({ photos: [photo('b')] })).data.photos).toEqual([photo('a'), photo('b')])
  })

  it('that the server refused changes nothing', () => {
    const shown = view(amend({ ambient_c: 15 }, { status: 'rejected', code: 'invalid' }))
    expect(shown.data.ambient_c).toBe(12)
    expect(shown.facts).toMatchObject({ judgement: { grade: 'critical' } })
    expect(shown.problems).toHaveLength(1)
  })
})
