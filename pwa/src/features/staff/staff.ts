/** The tree of units with their people, and the days from and to which a role is held. */
import type { components } from '@/api/generated'
import { inUse, type Lasting } from '@/domain/offered'

export type Staff = components['schemas']['Staff']
export type Unit = components['schemas']['StaffUnit']
export type Person = components['schemas']['StaffPerson']
export type Held = components['schemas']['HeldRole']

export const ROLES = ['inspector', 'crew', 'manager', 'supervisor', 'leader', 'admin', 'auditor'] as const
export const AREAS = ['urban', 'rural', 'remote'] as const

export type Line = { depth: number; over: boolean } & ({ unit: Unit; person?: undefined } | { unit?: undefined; person: Person })

export const over = (one: Lasting, now: number): boolean => !inUse(one, now)

/** Units in the order of the tree, each with its people; those closed or gone only when asked for, or when searched by name. */
export function lines(staff: Staff, find: string, gone: boolean): Line[] {
  const now = Date.parse(staff.now)
  const known = new Set(staff.units.map((unit) => unit.id))
  const wanted = find.trim().toLowerCase()
  const fits = (...texts: (string | null)[]) => texts.some((text) => (text ?? '').toLowerCase().includes(wanted))
  const byName = <T extends { name: string }>(list: T[]) => list.sort((a, b) => a.name.localeCompare(b.name, 'zh-CN'))

  function under(parent: string | null, depth: number): Line[] {
    const units = staff.units.filter((unit) => (unit.parent !== null && known.has(unit.parent) ? unit.parent : null) === parent)
    return byName(units).flatMap((unit) => {
      const people = byName(staff.people.filter((one) => one.unit === unit.id))
        .filter((one) => (gone || !over(one, now)) && fits(one.name, one.post, one.login))
        .map((person): Line => ({ person, depth: depth + 1, over: over(person, now) }))
      const inside = [...people, ...under(unit.id, depth + 1)]
      const shown = inside.length > 0 || ((gone || !over(unit, now)) && fits(unit.name, unit.name_en))
      return shown ? [{ unit, depth, over: over(unit, now) }, ...inside] : []
    })
  }
  return under(null, 0)
}

export const stateOf = (role: Held, now: number): 'runs' | 'to_come' | 'over' => (role.runs ? 'runs' : Date.parse(role.since) > now && role.until !== role.since ? 'to_come' : 'over')

/** Who may be stood in for: others of the unit who hold the role themselves. */
export function holders(staff: Staff, person: Person, role: string): Person[] {
  const now = Date.parse(staff.now)
  return staff.people.filter((one) => one.id !== person.id && one.unit === person.unit && !over(one, now) && one.roles.some((held) => held.role === role && held.instead_of === null && stateOf(held, now) !== 'over'))
}

const pad = (n: number) => String(n).padStart(2, '0')
const day = (at: Date) => `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`

/** The day as this computer's calendar has it, `2026-11-26`. */
export const dayOf = (iso: string): string => day(new Date(iso))
/** The last day of what holds until before `iso`. */
export const lastDayOf = (iso: string): string => day(new Date(Date.parse(iso) - 1))
/** The day's first moment. */
export const startOf = (given: string): string => new Date(`${given}T00:00`).toISOString()
/** The first moment after the day. */
export function endOf(given: string): string {
  const at = new Date(`${given}T00:00`)
  at.setDate(at.getDate() + 1)
  return at.toISOString()
}
