/** What people do on their phones, by chance: through the doors that the screens use. */
import type { KindName } from '@/api/kinds'
import { attach } from '@/media/attach'
import { type BaseRow, type OutRow, type Store } from '@/sync/db'
import type { Rec } from '@/sync/fold'
import { act, getRecord, newId, removeRecord, save, SaveRefused } from '@/sync/records'
import { insist, letBe } from '@/sync/queue'

import type { Company } from './control'
import type { Phone } from './phone'
import type { Dice } from './world'

const FIELDS = ['address', 'area_name', 'seal', 'code'] as const

/** Every value is written once in a round, so that it can be looked for. */
export class Values {
  private n = 0

  next(): string {
    return `v${++this.n}`
  }
}

export class Actions {
  constructor(
    private readonly dice: Dice,
    private readonly company: Company,
    private readonly values: Values,
    private readonly now: () => Date,
    private readonly photos: boolean,
  ) {}

  /** Up to `count` operations on one phone. */
  async burst(phone: Phone, count: number): Promise<void> {
    await phone.act(async (db) => {
      const ids = await this.known(db)
      for (let i = 0; i < count; i++) {
        try {
          await this.one(phone, db, ids)
        } catch (error) {
          if (!(error instanceof SaveRefused)) throw error
        }
      }
    })
  }

  /** Ids of the records that the phone shows, by kind. */
  private async known(db: Store): Promise<Record<'meter_box' | 'finding', string[]>> {
    const found = { meter_box: new Set<string>(), finding: new Set<string>() }
    const put = (row: Pick<BaseRow, 'kind'>, id: string) => {
      if (row.kind === 'meter_box' || row.kind === 'finding') found[row.kind].add(id)
    }
    for (const row of await db.base.toArray()) put(row, row.id)
    for (const op of (await db.outbox.where('live').equals(1).toArray()) as OutRow[]) put(op, op.record)
    return { meter_box: [...found.meter_box].sort(), finding: [...found.finding].sort() }
  }

  private async one(phone: Phone, db: Store, ids: Record<'meter_box' | 'finding', string[]>): Promise<void> {
    const { dice } = this
    if (dice.chance(0.03)) return this.settle(db)
    if (phone.role === 'supervisor') return this.decide(ids.finding)
    if (phone.role === 'crew') return
    if (phone.role === 'manager' || dice.chance(0.5)) return this.register(phone, ids.meter_box)
    return this.find(phone, ids.finding)
  }

  /** A meter box of the shared register: made, patched field by field, given to another unit. */
  private async register(phone: Phone, ids: string[]): Promise<void> {
    const { dice, values } = this
    const { a, b } = this.company.units
    if (ids.length < 3 || dice.chance(0.08)) {
      const id = newId()
      ids.push(id)
      const unit = phone.role === 'manager' ? phone.home : dice.pick([a, b])
      await save('meter_box', id, {
        code: values.next(), unit, area_name: values.next(), address: values.next(), material: 'metal', positions: 6, ownership: 'utility',
      })
      return
    }
    const id = dice.pick(ids)
    if (dice.chance(0.06)) {
      await save('meter_box', id, { unit: dice.pick([a, b]) })
      return
    }
    const patch: Record<string, unknown> = { [dice.pick(FIELDS)]: values.next() }
    if (dice.chance(0.2)) patch[dice.pick(FIELDS)] = values.next()
    if (dice.chance(0.05)) patch.seal = null
    await save('meter_box', id, patch)
  }

  /** A finding: drafted, edited, photographed, deleted, submitted, mended when it comes back. */
  private async find(phone: Phone, ids: string[]): Promise<void> {
    const { dice, values } = this
    const known = dice.chance(0.15) ? undefined : await this.editable(phone, ids)
    const id = known?.id ?? newId()
    if (!known) ids.push(id)
    const patch: Record<string, unknown> = known
      ? { [dice.pick(['fact', 'place'])]: values.next() }
      : {
          unit: dice.pick([this.company.units.a, this.company.units.b]), visit: 'regular', item: 'YK-09', catalogue: '2026.11',
          happened_at: this.now().toISOString(), fact: values.next(), ...(dice.chance(0.3) ? { person: this.company.people.find((each) => each.role === 'crew')!.id } : {}),
        }
    if (known && dice.chance(0.15)) {
      if (known.state === 'draft') await removeRecord('finding', id)
      return
    }
    const photos = this.photos && dice.chance(0.12) ? [...((known?.data.photos ?? []) as never[]), await this.photo()] : undefined
    const event = dice.chance(known ? 0.25 : 0.1) ? { event: { type: 'submit' } } : {}
    await save('finding', id, patch as never, { ...event, ...(photos ? { photos } : {}) })
  }

  private async editable(phone: Phone, ids: string[]): Promise<Rec<'finding'> | undefined> {
    for (let tries = 0; tries < 3 && ids.length > 0; tries++) {
      const record = await getRecord('finding', this.dice.pick(ids))
      if (record && record.author === phone.self.id && ['draft', 'returned'].includes(record.state)) return record
    }
    return undefined
  }

  async photo() {
    const head = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0])
    const file = new File([head, this.dice.bytes(this.dice.whole(50, 2000)), new Uint8Array([0xff, 0xd9])], 'p.jpg', { type: 'image/jpeg' })
    const taken = await attach(file, 'evidence', { way: 'camera', pressedMs: Date.now() })
    URL.revokeObjectURL(taken.preview)
    return taken
  }

  private async decide(ids: string[]): Promise<void> {
    for (let tries = 0; tries < 3 && ids.length > 0; tries++) {
      const id = this.dice.pick(ids)
      const record = await getRecord('finding', id)
      if (record?.state !== 'submitted') continue
      const type = this.dice.weighed({ accept: 3, return: 4, reject: 1 })
      await act('finding' as KindName, id, type, type === 'accept' ? {} : { reason: this.values.next() })
      return
    }
  }

  /** A person settles what needs one: lets it be, or insists. */
  private async settle(db: Store): Promise<void> {
    const waiting = (await db.outbox.where('live').equals(1).toArray()).filter((op) => op.status === 'conflict' || op.status === 'rejected')
    if (waiting.length === 0) return
    const { seq, status } = this.dice.pick(waiting)
    if (status === 'conflict' && this.dice.chance(0.6)) await insist(seq!, this.now())
    else await letBe(seq!)
  }
}
