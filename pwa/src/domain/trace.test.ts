import { expect, test } from 'vitest'

import { items, MAX_TRACE, touch } from './trace'

const NINE = new Date('2026-11-26T09:00:00.500Z')
const TEN = new Date('2026-11-26T10:00:00.500Z')

test('an item is first answered once, and changed as often as it is; emptied too', () => {
  const empty = items({ fact: '', photos: [] }, [])
  const said = items({ fact: '空岗', practice: true, trace: [] }, [{ sha256: 'a' }])
  const first = touch([], empty, said, NINE)
  expect(first).toEqual([{ at: 'fact', first: '2026-11-26T09:00:00Z', last: '2026-11-26T09:00:00Z' }, { at: 'photos', first: '2026-11-26T09:00:00Z', last: '2026-11-26T09:00:00Z' }])
  expect(touch(first, said, items({}, [{ sha256: 'a' }]), TEN)[0]).toEqual({ at: 'fact', first: '2026-11-26T09:00:00Z', last: '2026-11-26T10:00:00Z' })
  expect(touch(first, said, said, TEN)).toBe(first)
})

test('each answer to a sheet is an item, a group of rows is one', () => {
  const sheet = (answers: object) => items({ sheet: { id: 'seals', version: 1, answers } }, [])
  const trace = touch([], sheet({}), sheet({ box: 'x', seals: [{ place: 'door' }] }), NINE)
  expect(trace.map(({ at }) => at)).toEqual(['sheet.answers.box', 'sheet.answers.seals'])
  expect(touch(trace, sheet({ seals: [{}] }), sheet({ seals: [{}, {}] }), TEN).find(({ at }) => at === 'sheet.answers.seals')?.last).toBe('2026-11-26T10:00:00Z')
})

test('a trace stays small', () => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`f${n}`, n]))
  expect(touch([], items({}, []), items(many, []), NINE)).toHaveLength(MAX_TRACE)
})
