/**
 * Rounds that always go the same way, for what chance brings about too seldom. Each is played under a clear sky to the
 * moment in which a fault would show; then all phones sync and everything is counted, as after any round.
 */
import type { KindName } from '@/api/kinds'
import { act, newId, save } from '@/sync/records'

import type { Actions } from './actions'
import { type Company, order } from './control'
import type { Phone } from './phone'

/** What a scene may do; see `Round`. */
export interface Stage {
  readonly company: Company
  readonly actions: Actions
  readonly phones: readonly Phone[]
  copy: (from: Phone) => Promise<Phone>
  synced: (...phones: Phone[]) => Promise<void>
  step: (burst: number) => Promise<boolean>
  window: (days: number) => Promise<void>
  rest: (ms: number) => void
}

const DAY_MS = 86_400_000

export const SCENES = { copy, days, wider, upgrade } satisfies Record<string, (stage: Stage) => Promise<void>>

function named(stage: Stage, name: string): Phone {
  return stage.phones.find((phone) => phone.name === name)!
}

async function box(stage: Stage, phone: Phone, id: string, code: string): Promise<void> {
  await phone.act(() => save('meter_box', id, { code, unit: stage.company.units.a, area_name: '1', address: code, material: 'metal', positions: 6, ownership: 'utility' }))
}

/** A copy of a phone fills the numbers that a server put back has lost; what the phone had sent under them goes again. */
async function copy(stage: Stage): Promise<void> {
  const phone = named(stage, 'inspector2.0')
  await box(stage, phone, newId(), 'before')
  await stage.synced(...stage.phones)
  await order({ do: 'backup' })
  const twin = await stage.copy(phone)
  twin.awayUntil = Infinity
  for (const code of ['lost 1', 'lost 2', 'lost 3']) await box(stage, phone, newId(), code)
  await stage.synced(phone)
  await order({ do: 'restore' })
  phone.awayUntil = Infinity
  twin.awayUntil = 0
  await box(stage, twin, newId(), 'in its place')
  await stage.synced(twin)
  phone.awayUntil = 0
}

/** Findings are closed and fall out of what a phone holds, but for the phone that still has work on one. */
async function days(stage: Stage): Promise<void> {
  const author = named(stage, 'inspector.0')
  const second = named(stage, 'inspector.1')
  const supervisor = named(stage, 'supervisor.0')
  const ids = [newId(), newId(), newId()]
  const finding = { unit: stage.company.units.a, visit: 'regular', item: 'YK-09', catalogue: '2026.11', happened_at: author.now.toISOString() }
  for (const id of ids) await author.act(() => save('finding', id, { ...finding, fact: id } as never))
  await stage.synced(author, second)
  second.awayUntil = Infinity
  await second.act(() => save('finding', ids[0]!, { fact: 'too late' } as never))
  for (const id of ids) await author.act(() => save('finding', id, {} as never, { event: { type: 'submit' } }))
  await stage.synced(author, supervisor)
  for (const id of ids.slice(0, 2)) await supervisor.act(() => act('finding' as KindName, id, 'accept', {}))
  await stage.synced(supervisor, author)
  second.awayUntil = 0
  await stage.synced(second)
  stage.rest(4 * DAY_MS)
}

/** What has fallen out comes back when phones are to hold more. */
async function wider(stage: Stage): Promise<void> {
  await days(stage)
  await order({ do: 'news', person: stage.company.people[0]!.id })
  await stage.synced(...stage.phones)
  await stage.window(90)
}

/** A phone goes on with the new app while its outbox is full of what the old one wrote, decisions and register alike. */
async function upgrade(stage: Stage): Promise<void> {
  const inspector = named(stage, 'inspector.0')
  const supervisor = named(stage, 'supervisor.0')
  const [known, fresh] = [newId(), newId()]
  const crew = stage.company.people.find((each) => each.role === 'crew')!
  const finding = { unit: stage.company.units.a, visit: 'regular', item: 'YK-09', catalogue: '2026.11', happened_at: inspector.now.toISOString(), person: crew.id }
  const facts = [newId(), newId()]
  await box(stage, inspector, known, 'known')
  for (const id of facts) await inspector.act(() => save('finding', id, { ...finding, fact: id } as never, { event: { type: 'submit' } }))
  await stage.synced(inspector, supervisor)
  await supervisor.act(() => act('finding' as KindName, facts[0]!, 'accept', {}))
  await stage.synced(supervisor)
  for (const phone of [inspector, supervisor]) phone.awayUntil = Infinity
  await inspector.act(() => save('meter_box', known, { seal: 'S-1', address: 'moved' }))
  await box(stage, inspector, fresh, 'new')
  await supervisor.act(() => act('finding' as KindName, facts[1]!, 'return', { reason: 'unclear' }))
  for (const phone of [inspector, supervisor]) {
    phone.upgrade()
    while (!phone.on) await stage.step(1)
  }
  await inspector.act(() => save('meter_box', fresh, { seal: 'S-2', address: 'moved too' }))
  for (const phone of [inspector, supervisor]) phone.awayUntil = 0
}
