/**
 * Rounds that always go the same way, for what chance brings about too seldom. Each is played under a clear sky to the
 * moment in which a fault would show; then all phones sync and everything is counted, as after any round.
 */
import type { KindName } from '@/api/kinds'
import { act, newId, save } from '@/sync/records'

import type { Actions } from './actions'
import { type Company, type Dump, order } from './control'
import { FINE, type Network, NOISY } from './network'
import type { Phone } from './phone'

/** What a scene may do; see `Round`. */
export interface Stage {
  readonly company: Company
  readonly actions: Actions
  readonly phones: readonly Phone[]
  readonly network: Network
  copy: (from: Phone) => Promise<Phone>
  synced: (...phones: Phone[]) => Promise<void>
  step: (burst: number) => Promise<boolean>
  window: (days: number) => Promise<void>
  rest: (ms: number) => void
  crash: (midst?: Promise<unknown>, due?: Promise<void>) => Promise<void>
  release: () => Promise<void>
  bring: (phone: Phone, lose: boolean, by?: 'desk' | 'colleague') => Promise<boolean>
  say: (violation: string) => void
}

const DAY_MS = 86_400_000
/** So often the servers' database is looked at for what should be in it soon. */
const LOOKS = 20

export const SCENES = { copy, days, wider, upgrade, rolling, restored, anew, killed, photos, unseen, rescued, meanwhile, moved } satisfies Record<string, (stage: Stage) => Promise<void>>

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

const queued = (phone: Phone) => phone.db.outbox.where('status').equals('queued').count()
const waiting = (phone: Phone) => phone.db.photos.where('state').equals('waiting').count()

function finding(stage: Stage, phone: Phone, fact: string): never {
  return { unit: stage.company.units.a, visit: 'regular', item: 'YK-09', catalogue: '2026.11', happened_at: phone.now.toISOString(), fact } as never
}

async function photographed(stage: Stage, phone: Phone): Promise<void> {
  await phone.act(async () => save('finding', newId(), finding(stage, phone, 'with a photo'), { photos: [await stage.actions.photo()] }))
}

/**
 * Servers get a release one after the other. An app that is too old for it hears nothing any more and goes on sending,
 * photos too; one that is too new for the other server waits for it.
 */
async function rolling(stage: Stage): Promise<void> {
  const [old, author, ahead] = ['inspector.0', 'manager.0', 'inspector2.0'].map((name) => named(stage, name)) as [Phone, Phone, Phone]
  const renewed = async (phone: Phone, schema?: number) => {
    phone.upgrade(schema)
    while (!phone.on) await stage.step(1)
  }
  const known = newId()
  await box(stage, old, known, 'known')
  await renewed(author)
  await stage.synced(...stage.phones)
  await stage.release()
  for (let turn = 0; turn < 4; turn++) {
    for (const phone of [old, author]) await phone.act(() => save('meter_box', known, { address: `${turn} ${phone.name}` }))
    await stage.synced(old, author)
  }
  await renewed(ahead, stage.company.schema + 1)
  for (let turn = 0; turn < 4; turn++) {
    await box(stage, ahead, newId(), `ahead ${turn}`)
    await stage.synced(ahead)
    stage.rest(60_000)
  }
  await stage.release()
  const unheard = newId()
  await box(stage, author, unheard, 'unheard')
  await box(stage, old, newId(), 'too old')
  await photographed(stage, old)
  await stage.synced(author, old)
  if (await old.db.base.get(unheard)) stage.say('an app that is too old was sent records')
  if ((await queued(old)) + (await waiting(old)) > 0) stage.say('an app that is too old to receive has not sent what it has')
  await renewed(old, stage.company.schema + 1)
}

/** Servers die soon after a backup was put back: what it lacks is not on them until the phones have sent it again. */
async function restored(stage: Stage): Promise<void> {
  const [first, second] = [named(stage, 'inspector.0'), named(stage, 'manager.0')]
  await box(stage, first, newId(), 'before')
  await stage.synced(...stage.phones)
  await order({ do: 'backup' })
  for (const phone of [first, second]) for (const code of ['lost 1', 'lost 2']) await box(stage, phone, newId(), code)
  await stage.synced(first, second)
  await order({ do: 'restore' })
  await stage.crash()
  await stage.synced(first)
  await stage.crash()
}

/** What a phone had sent before a backup was put back comes again by a colleague's phone, after somebody else's change. */
async function anew(stage: Stage): Promise<void> {
  const [owner, second, colleague] = ['inspector2.0', 'manager.0', 'crew.0'].map((name) => named(stage, name)) as [Phone, Phone, Phone]
  const id = newId()
  await box(stage, owner, id, 'before')
  await stage.synced(...stage.phones)
  await order({ do: 'backup' })
  owner.awayUntil = colleague.awayUntil = Infinity
  await owner.act(() => save('meter_box', id, { address: 'mine' }))
  await stage.bring(owner, false, 'colleague')
  owner.awayUntil = 0
  await stage.synced(owner)
  await order({ do: 'restore' })
  await second.act(() => save('meter_box', id, { address: 'theirs' }))
  await stage.synced(second)
  colleague.awayUntil = 0
  await stage.synced(colleague)
}

/** Resolves when the server has the record, or never gets it. */
async function here(id: string): Promise<void> {
  for (let looks = 0; looks < LOOKS; looks++) if ((await order<Dump>({ do: 'dump' })).records.some((record) => record.id === id)) return
}

/** Servers die between a phone's push and what they say of it, and right after they have said it. */
async function killed(stage: Stage): Promise<void> {
  const phone = named(stage, 'inspector.0')
  await stage.synced(phone)
  for (let turn = 0; turn < 2; turn++) {
    await box(stage, phone, newId(), `told ${turn}`)
    await phone.wake()
    while (phone.busy && (await queued(phone)) > 0) await stage.step(1)
    await stage.crash()
    await stage.synced(phone)
    const untold = newId()
    await phone.act(() => save('finding', untold, finding(stage, phone, 'untold'), { event: { type: 'submit' } }))
    await stage.crash(stage.synced(phone), here(untold))
    await stage.synced(phone)
  }
}

/** A photo does not arrive as it was sent, and goes again later. */
async function photos(stage: Stage): Promise<void> {
  const phone = named(stage, 'inspector.0')
  await photographed(stage, phone)
  stage.network.weather = NOISY
  await stage.synced(phone)
  stage.network.weather = FINE
  stage.rest(3_600_000)
}

/** A photo comes after a backup; when that is put back, the record was closed so long ago that no phone is sent it any more. */
async function unseen(stage: Stage): Promise<void> {
  const [author, supervisor] = [named(stage, 'inspector.0'), named(stage, 'supervisor.0')]
  const id = newId()
  await author.act(async () => save('finding', id, finding(stage, author, 'closed before its photo came'), { event: { type: 'submit' }, photos: [await stage.actions.photo()] }))
  stage.network.weather = NOISY
  await stage.synced(author, supervisor)
  await supervisor.act(() => act('finding' as KindName, id, 'accept', {}))
  await stage.synced(supervisor)
  await order({ do: 'backup' })
  stage.network.weather = FINE
  stage.rest(3_600_000)
  await stage.synced(author)
  if (await waiting(author)) stage.say('a photo did not go again after an hour')
  stage.rest(4 * DAY_MS)
  await order({ do: 'restore' })
}

/** Phones are lost with work that lies in a file alone: one file comes in at the desk, one by a colleague's phone. */
async function rescued(stage: Stage): Promise<void> {
  await stage.synced(...stage.phones)
  for (const [name, by] of [['inspector2.0', 'desk'], ['manager2.0', 'colleague']] as const) {
    const phone = named(stage, name)
    phone.awayUntil = Infinity
    await box(stage, phone, newId(), name)
    if (!(await stage.bring(phone, true, by))) stage.say(`${name} had nothing to seal`)
  }
}

/** Something is saved while the phone receives: after all was sent, before the day's receipt is asked for. */
async function meanwhile(stage: Stage): Promise<void> {
  const phone = named(stage, 'inspector.0')
  await stage.synced(phone)
  await box(stage, phone, newId(), 'sent')
  await phone.wake()
  while (phone.busy && (await queued(phone)) > 0) await stage.step(1)
  await box(stage, phone, newId(), 'meanwhile')
  while (phone.busy) await stage.step(1)
}

/** A station's manager works in the other station from now on: what only the first may see leaves his phones, but for his own work. */
async function moved(stage: Stage): Promise<void> {
  const [first, second] = [named(stage, 'manager.0'), named(stage, 'manager.1')]
  const id = newId()
  await box(stage, first, id, 'of the first station')
  await stage.synced(first, second)
  second.awayUntil = Infinity
  await second.act(() => save('meter_box', id, { address: 'not sent yet' }))
  await order({ do: 'move', person: first.self.id, unit: stage.company.units.b })
  await stage.synced(first)
  second.awayUntil = 0
}
