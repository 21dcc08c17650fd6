import { describe, expect, test } from 'vitest'

import { type Draft, type Person, type Row, type Source, todos } from './todo'

const HOUR = 3_600_000
const midnight = Date.parse('2026-11-24T00:00:00+08:00')
const now = midnight - 2 * HOUR
const iso = (ms: number) => new Date(ms).toISOString()
const me: Person = { id: 'wang', roles: ['inspector', 'crew'], unit: 'cg' }
const nothing: Source = { repairs: [], defects: [], written: [], entries: [], drafts: [] }

function row<T extends Source['written'][number] | Row<'defect'> | Row<'repair'> | Row<'entry'>>(kind: T['kind'], id: string, more: object): T {
  return { id, kind, state: 'draft', author: 'wang', data: {}, facts: {}, log: [], at: iso(now - HOUR), problems: [], ...more } as unknown as T
}
const defect = (id: string, deadline: number, state = 'rectified', owner: string | null = null) =>
  row<Row<'defect'>>('defect', id, { state, data: { deadline_at: iso(deadline), owner } })
/** Town: 45 minutes from the report to the arrival. */
const repair = (id: string, reported: number, state = 'new') =>
  row<Row<'repair'>>('repair', id, {
    state,
    data: { area: 'urban', reported_at: iso(reported) },
    facts: { clock: { basis: 'promise', arrived_at: null, restored_at: null, arrive_by: iso(reported + 0.75 * HOUR), restore_by: null, kept: null } },
  })
const written = (kind: 'infrared' | 'hazard' | 'finding', id: string, more: object = {}) => row<Row<'infrared'>>(kind as 'infrared', id, more)
const ids = (source: Partial<Source>, who = me, at = now) => todos({ ...nothing, ...source }, who, at).map((todo) => `${todo.todo} ${todo.id}`)

describe('what is to be done, by what runs out first', () => {
  test('clocks of the next 24 hours come first, by the minute; then what came back, later deadlines, news, drafts', () => {
    const found = ids({
      drafts: [{ key: 'hazard:d', at: now, state: {} }],
      entries: [row<Row<'entry'>>('entry', 'e', { data: { person: 'wang', decided_at: iso(now - HOUR) } })],
      defects: [defect('late', now + 30 * HOUR), defect('tonight', midnight)],
      written: [written('infrared', 'back', { state: 'returned' })],
      repairs: [repair('job', now)],
    })
    expect(found).toEqual(['repair job', 'recheck tonight', 'returned back', 'recheck late', 'entry e', 'draft d'])
  })
  test('the longer overdue, the higher', () => {
    expect(ids({ defects: [defect('soon', now + HOUR), defect('yesterday', now - 20 * HOUR), defect('last week', now - 7 * 24 * HOUR)] })).toEqual([
      'recheck last week', 'recheck yesterday', 'recheck soon',
    ])
  })
  test('what ends a minute before midnight stands before what ends a minute after, and both before what came back', () => {
    const written_ = [written('hazard', 'back', { state: 'returned' })]
    expect(ids({ defects: [defect('after', midnight + 60_000), defect('before', midnight - 60_000)], written: written_ })).toEqual([
      'recheck before', 'recheck after', 'returned back',
    ])
  })
  test('a deadline exactly a day away is not of today', () => {
    const back = [written('infrared', 'back', { state: 'returned' })]
    expect(ids({ defects: [defect('a', now + 24 * HOUR)], written: back })).toEqual(['returned back', 'recheck a'])
    expect(ids({ defects: [defect('a', now + 24 * HOUR - 1)], written: back })).toEqual(['recheck a', 'returned back'])
  })
  test('of two without a clock the newer change comes first', () => {
    const rows = [written('infrared', 'old', { state: 'returned', at: iso(now - 5 * HOUR) }), written('infrared', 'new', { state: 'returned' })]
    expect(ids({ written: rows })).toEqual(['returned new', 'returned old'])
  })
})

describe('reasons of returned records', () => {
  const back = (id: string, hoursAgo: number, returns = ['r1']) =>
    written('infrared', id, { state: 'returned', at: iso(now - hoursAgo * HOUR), log: returns.map((one) => ({ id: one, type: 'return', at: iso(now), data: {}, by_name: '' })) })
  const shown = (read: Record<string, string>, ...rows: Row<'infrared'>[]) =>
    todos({ ...nothing, written: rows, read }, me, now).map((todo) => `${todo.id}${todo.unread ? ' unread' : ''}`)
  test('one that was not opened is marked and stands before those that were', () => {
    expect(shown({ b: 'r1' }, back('a', 5), back('b', 1))).toEqual(['a unread', 'b'])
  })
  test('returned once more it is unread again', () => {
    expect(shown({ a: 'r1' }, back('a', 1, ['r1', 'r2']))).toEqual(['a unread'])
    expect(shown({ a: 'r2' }, back('a', 1, ['r1', 'r2']))).toEqual(['a'])
  })
  test('a repair that came back has one, too', () => {
    const job = { ...repair('job', now, 'returned'), log: [{ id: 'r1', type: 'return', at: iso(now), data: {}, by_name: '' }] }
    const list = (read: Record<string, string>) => todos({ ...nothing, repairs: [job], read }, me, now)[0]!.unread
    expect([list({}), list({ job: 'r1' })]).toEqual([true, undefined])
  })
  test('a record that the server refused has no reason of a person to be read', () => {
    expect(shown({}, written('infrared', 'x', { problems: [{ code: 'invalid' }] }) as Row<'infrared'>)).toEqual(['x'])
  })
})

describe('the clock of a job', () => {
  test('says what runs out and how far it is used up', () => {
    const clock = (at: number) => todos({ ...nothing, repairs: [repair('job', now)] }, me, at)[0]!.clock
    expect(clock(now)).toEqual({ phase: 'arrive', level: 'calm' })
    expect(clock(now + 40 * 60_000)).toMatchObject({ level: 'amber' })
    expect(clock(now + 41 * 60_000)).toMatchObject({ level: 'red' })
    expect(clock(now + HOUR)).toMatchObject({ level: 'over' })
  })
})

describe('whose it is', () => {
  test('repair jobs are for crews, and end with the power back', () => {
    expect(ids({ repairs: [repair('a', now), repair('b', now, 'restored'), repair('c', now, 'cancelled')] })).toEqual(['repair a'])
    expect(ids({ repairs: [repair('a', now)] }, { ...me, roles: ['inspector'] })).toEqual([])
  })
  test('an owner sees open defects of his own equipment, an inspector what is to be checked again', () => {
    const defects = [defect('mine', midnight, 'open', 'zhao'), defect('other', midnight, 'open', 'li'), defect('done', midnight, 'rectified', 'zhao')]
    expect(ids({ defects }, { id: 'zhao', roles: ['manager'], unit: 'cg' })).toEqual(['defect mine'])
    expect(ids({ defects })).toEqual(['recheck done'])
  })
  test("another's returned record is not mine to mend", () => {
    expect(ids({ written: [written('infrared', 'x', { state: 'returned', author: 'li' })] })).toEqual([])
  })
  test('points are news for seven days, for the person they are about', () => {
    const entry = (id: string, person: string, days: number) => row<Row<'entry'>>('entry', id, { data: { person, decided_at: iso(now - days * 24 * HOUR) } })
    expect(ids({ entries: [entry('new', 'wang', 6.9), entry('old', 'wang', 7), entry('his', 'li', 1)] })).toEqual(['entry new'])
  })
})

describe('drafts', () => {
  const draft = (key: string): Draft => ({ key, at: now, state: {} })
  test('a record saved half filled whose form is open again is one draft', () => {
    expect(ids({ written: [written('hazard', 'a')], drafts: [draft('hazard:a'), draft('infrared:b')] })).toHaveLength(2)
  })
  test('a returned or refused record is named once, as that', () => {
    const rows = [written('hazard', 'a', { state: 'returned' }), written('hazard', 'b', { problems: [{ code: 'invalid' }] })]
    expect(ids({ written: rows, drafts: [draft('hazard:a'), draft('hazard:b')] }).sort()).toEqual(['refused b', 'returned a'])
  })
  test('an amendment begun and not sent is named, a step of a repair too', () => {
    const found = ids({ drafts: [draft('amend:infrared:a'), draft('amend.locate:repair:j')] }).sort()
    expect(found).toEqual(['amend a', 'amend j'])
  })
  test('other things kept as drafts are no records', () => {
    expect(ids({ drafts: [draft('desk:held'), draft('infrared'), draft('repair:x')] })).toEqual([])
  })
})
