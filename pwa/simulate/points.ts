/**
 * One small schedule, played with the phone's death at each of its operations in turn, and with each fate of each of
 * its requests in turn: what chance may leave out, this does not. It ends with the first promise that is broken.
 */
import { attach } from '@/media/attach'
import { newId, save } from '@/sync/records'

import { type Company, type Dump, order } from './control'
import { FINE, type Fate, LATEST_MS, type Network } from './network'
import { judge } from './oracle'
import { Phone } from './phone'
import type { World } from './world'

const FATES: readonly Fate[] = ['lost', 'late', 'unanswered', 'doubled', 'truncated', 'cut', 'damaged', 'stranger']
/** Phones that are counted together: each holds a database of its own in memory. */
const TOGETHER = 16

export class Points {
  private phones: Phone[] = []
  private made = 0
  operations = 0
  deaths = 0
  violations: string[] = []

  constructor(
    private readonly world: World,
    private readonly company: Company,
    private readonly network: Network,
    private readonly trace: (line: string) => void,
    private readonly step: (burst: number) => Promise<boolean>,
  ) {}

  async play(): Promise<void> {
    this.network.weather = FINE
    const whole = await this.schedule(Infinity)
    const calls = this.network.sent
    const points = whole.operations
    await this.count()
    for (let point = 1; point <= points && this.violations.length === 0; point++) {
      await this.schedule(point)
      if (this.phones.length >= TOGETHER) await this.count()
    }
    for (let call = 0; call < calls && this.violations.length === 0; call++) {
      for (const fate of FATES) {
        this.network.script = new Map([[call, fate]])
        await this.schedule(Infinity)
        if (this.phones.length >= TOGETHER) await this.count()
      }
    }
    await this.count()
    this.trace(`${points} points of death, ${calls} requests with ${FATES.length} fates each`)
  }

  /** A box is made and patched, a finding photographed and submitted, all is sent and read back. */
  private async schedule(dieAt: number): Promise<Phone> {
    const person = this.company.people.find((each) => each.role === 'inspector')!
    const name = `point.${++this.made}`
    const phone = new Phone(name, { id: person.id, name: person.name }, person.role, person.unit, person.tokens[0]!, `sim-${name}`, 0, this.world, this.network, this.trace, this.company.schema, this.company.schema)
    this.phones.push(phone)
    this.network.sent = 0
    phone.dieAt = dieAt
    const word = (what: string) => `${what} ${this.made}`
    const [box, finding] = [newId(), newId()]
    const { a } = this.company.units
    const parts: (() => Promise<void>)[] = [
      () => save('meter_box', box, { code: word('box'), unit: a, area_name: word('area'), address: word('at'), material: 'metal', positions: 6, ownership: 'utility' }),
      () => save('meter_box', box, { seal: word('seal') }),
      async () => {
        const photo = await attach(new File([new Uint8Array([0xff, 0xd8, 0xff, 0xe0]), word('photo')], 'p.jpg', { type: 'image/jpeg' }), 'evidence', { way: 'camera', pressedMs: Date.now() })
        URL.revokeObjectURL(photo.preview)
        await save('finding', finding, { unit: a, visit: 'regular', item: 'YK-09', catalogue: '2026.11', happened_at: phone.now.toISOString(), fact: word('fact') }, { photos: [photo], event: { type: 'submit' } })
      },
    ]
    await phone.start()
    for (const part of parts) {
      this.world.tick(1)
      if (!phone.on) await this.quiet(40_000)
      await phone.act(part)
    }
    if (phone.on) await phone.wake()
    await this.quiet(45_000)
    return phone
  }

  private async count(): Promise<void> {
    this.network.script = undefined
    await this.quiet(LATEST_MS)
    for (let turn = 0; turn < 2; turn++) {
      for (const phone of this.phones) {
        phone.dieAt = Infinity
        await phone.wake()
      }
      await this.quiet(5_000)
    }
    const dump = await order<Dump>({ do: 'dump' })
    this.violations.push(...(await judge(dump, this.phones, false, { now: this.world.now, days: this.company.window_days, release: this.company.schema })))
    for (const phone of this.phones) {
      this.operations += phone.journal.length
      this.deaths += phone.deaths
      await phone.remove()
    }
    this.phones = []
  }

  private async quiet(ms: number): Promise<void> {
    let over = false
    this.world.later(ms, () => void (over = true))
    while (!over) await this.step(1)
  }
}
