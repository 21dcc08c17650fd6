import { expect, test } from 'vitest'

import { aboutThing, type Row } from './about'

const infrared = (id: string, taken_at: string, grade: string | null, state = 'submitted'): Row => ({ id, state, data: { taken_at }, facts: { judgement: { grade } } })
const defect = (id: string, state: string, deadline_at: string): Row => ({ id, state, data: { deadline_at }, facts: {} })

test('the last grade is that of the newest measurement, whatever was saved last', () => {
  const records = [infrared('a', '2026-11-20T08:00:00Z', 'critical'), infrared('b', '2026-11-23T08:30:00Z', 'normal'), infrared('c', '2026-11-23T16:00:00+08:00', 'serious')]
  expect(aboutThing(records, []).last).toEqual({ grade: 'normal', at: '2026-11-23T08:30:00Z' })
})

test('what was rejected, or has no grade, says nothing about the equipment', () => {
  const records = [infrared('a', '2026-11-20T08:00:00Z', 'general'), infrared('b', '2026-11-21T08:00:00Z', 'critical', 'rejected'), infrared('c', '2026-11-22T08:00:00Z', null)]
  expect(aboutThing(records, []).last?.grade).toBe('general')
  expect(aboutThing([records[2]!], []).last).toBeUndefined()
})

test('a hazard tells its grade with its own time', () => {
  const hazard = { id: 'h', state: 'accepted', data: { found_at: '2026-11-20T08:00:00Z' }, facts: { grade: 'serious' } }
  expect(aboutThing([hazard], []).last?.grade).toBe('serious')
})

test('defects are open until they are closed or void; the first to run out is on top', () => {
  const defects = [defect('late', 'open', '2026-12-01T00:00:00Z'), defect('done', 'closed', '2026-11-01T00:00:00Z'), defect('void', 'void', '2026-11-01T00:00:00Z'), defect('soon', 'rectified', '2026-11-25T00:00:00Z'), defect('now', 'rectifying', '2026-11-24T00:00:00Z')]
  expect(aboutThing([], defects).open.map((row) => row.id)).toEqual(['now', 'soon', 'late'])
})
