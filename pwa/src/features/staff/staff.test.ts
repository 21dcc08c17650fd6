import { expect, it } from 'vitest'

import { dayOf, endOf, type Held, holders, lastDayOf, lines, type Person, type Staff, startOf, stateOf } from './staff'

const NOW = '2026-11-26T08:00:00Z'
const unit = (id: string, parent: string | null = null, until: string | null = null) => ({ id, name: id, name_en: null, level: parent ? 'station' : 'county', area: 'urban', parent, until })
const held = (role: string, more: Partial<Held> = {}): Held => ({ id: role, role, since: '2026-01-01T00:00:00Z', until: null, instead_of: null, runs: true, ...more })
const person = (id: string, at: string, roles: Held[] = [], until: string | null = null): Person => ({ id, name: id, unit: at, post: '岗位', profession: null, until, login: id, roles })
const staff = (people: Person[]): Staff => ({ now: NOW, units: [unit('county'), unit('a', 'county'), unit('b', 'county', '2026-11-01T00:00:00Z')], people })
const names = (found: ReturnType<typeof lines>) => found.map((line) => `${'-'.repeat(line.depth)}${(line.unit ?? line.person)!.name}`)

it('the tree shows each unit with its people, and what is over only when asked for', () => {
  const all = staff([person('li', 'a'), person('wang', 'county'), person('zhao', 'a', [], '2026-11-02T00:00:00Z')])
  expect(names(lines(all, '', false))).toEqual(['county', '-wang', '-a', '--li'])
  expect(names(lines(all, '', true))).toEqual(['county', '-wang', '-a', '--li', '--zhao', '-b'])
})

it('a search keeps the units above what it finds', () => {
  expect(names(lines(staff([person('li', 'a'), person('wang', 'county')]), 'LI', false))).toEqual(['county', '-a', '--li'])
})

it('one stands in for others of the unit who hold the role themselves', () => {
  const people = [
    person('me', 'county'), person('yes', 'county', [held('supervisor')]), person('deputy', 'county', [held('supervisor', { instead_of: 'yes' })]),
    person('elsewhere', 'a', [held('supervisor')]), person('gone', 'county', [held('supervisor')], '2026-11-01T00:00:00Z'),
  ]
  expect(holders(staff(people), people[0]!, 'supervisor').map((one) => one.id)).toEqual(['yes'])
})

it('a role is to come, runs or is over', () => {
  const now = Date.parse(NOW)
  expect(stateOf(held('crew'), now)).toBe('runs')
  expect(stateOf(held('crew', { runs: false, since: '2026-12-01T00:00:00Z' }), now)).toBe('to_come')
  expect(stateOf(held('crew', { runs: false, until: '2026-02-01T00:00:00Z' }), now)).toBe('over')
  expect(stateOf(held('crew', { runs: false, since: '2026-12-01T00:00:00Z', until: '2026-12-01T00:00:00Z' }), now)).toBe('over')
})

it('days are whole days of this calendar, the last one included', () => {
  expect(dayOf(startOf('2026-11-26'))).toBe('2026-11-26')
  expect(lastDayOf(endOf('2026-11-30'))).toBe('2026-11-30')
  expect(Date.parse(endOf('2026-11-30'))).toBeGreaterThan(Date.parse(startOf('2026-11-30')))
})
