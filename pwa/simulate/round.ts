/** One round: people work under a foul net, things go wrong, then the weather clears and everything is counted. */
import { openSync } from 'node:fs'

import { carried } from '@/custody/carry'
import { type Device, getMeta } from '@/sync/db'

import { Actions, Values } from './actions'
import { type Company, type Dump, order } from './control'
import { type Answer, type Asker, FINE, FOUL, LATEST_MS, Network, STRANGE, type Weather } from './network'
import { acknowledged, judge, receipted, registered } from './oracle'
import { Phone } from './phone'
import { Points } from './points'
import { Desk, handed, sealed } from './rescue'
import { SCENES, type Stage } from './scenes'
import { Dice, inhabit, World } from './world'

export interface Plan {
  seed: number | string
  /** In place of what chance brings, what always goes the same way; see `scenes.ts`. */
  scene?: keyof typeof SCENES
  /** All phones write and read at once, under a clear sky: so many requests are under way at each moment. */
  race?: number
  /** One small schedule with every death and every fate, in place of what chance brings. */
  points?: boolean
  /** Operations that the phones shall store, at least. */
  ops: number
  photos: boolean
  /** Operations that a person does between two looks at the phone, at most. */
  burst: number
  /** Share of bursts in which a phone is killed. */
  deaths: number
  /** Whether somebody on the way answers in the server's place at times. */
  strangers?: boolean
  /** Share of phones that begin with the version of the app before. */
  old?: number
  /** What happens to servers and people, each once at a random moment. */
  events: Event[]
}

export type Event = 'kill' | 'crash' | 'restart' | 'backup' | 'restore' | 'purge' | 'move' | 'fork' | 'rescue' | 'lose' | 'calm' | 'upgrade' | 'release' | 'days' | 'window'

export interface Outcome {
  seed: number | string
  operations: number
  requests: number
  deaths: number
  conflicts: number
  /** Receipts that the servers gave. */
  receipts: number
  violations: string[]
  trace: string[]
  fates: Record<string, number>
}

const PHONES: readonly (readonly [person: string, phones: number])[] = [
  ['inspector', 2],
  ['inspector2', 1],
  ['manager', 2],
  ['manager2', 1],
  ['supervisor', 1],
  ['crew', 1],
]
const STUCK_MS = 300_000 // real ones, on a machine that may stand still for a minute
/** So long it may take, in the world's own time, until everybody has synced under a clear sky. */
const REST_MS = 3_600_000
const TRACE = 400
const DAY_MS = 86_400_000
/** So often a person goes where there is no signal, for a minute to twenty. */
const AWAY = 0.1

let world: World
inhabit(() => world)

export async function play(plan: Plan): Promise<Outcome> {
  const company = await order<Company>({ do: 'found' })
  const dice = new Dice(Number(plan.seed) || 1)
  world = new World(company.start_ms, dice, openSync(company.clock, 'r+'))
  const round = new Round(plan, company, dice)
  return round.play()
}

class Round implements Stage {
  private readonly trace: string[] = []
  readonly network: Network
  private readonly foul: Weather
  readonly actions: Actions
  readonly phones: Phone[] = []
  private readonly violations: string[] = []
  private days: number
  private copies = 0
  /** Servers of the next release. */
  private released = 0
  private receipts = 0
  private working = true
  private readonly desks: Desk[] = []

  constructor(
    private readonly plan: Plan,
    readonly company: Company,
    private readonly dice: Dice,
  ) {
    const tell = (line: string) => this.tell(line)
    this.network = new Network(world, dice, company.ports, tell)
    this.network.watch = (asker, path, body) => this.watch(asker, path, body)
    this.foul = plan.strangers ? STRANGE : FOUL
    this.network.weather = plan.scene || plan.race ? FINE : this.foul
    this.days = company.window_days
    const values = new Values()
    this.actions = new Actions(dice, company, values, () => this.unique(), plan.photos)
    for (const [name, count] of PHONES) {
      const person = company.people.find((each) => each.name === name)!
      for (let i = 0; i < count; i++) {
        const skew = dice.pick([0, 0, 400_000, -250_000, 7])
        const base = `sim-${plan.seed}-${name}-${i}`
        const self = { id: person.id, name }
        this.phones.push(new Phone(`${name}.${i}`, self, person.role, person.unit, person.tokens[i]!, base, skew, world, this.network, tell, company.schema - Number(dice.chance(plan.old ?? 0)), company.schema))
      }
    }
  }

  async play(): Promise<Outcome> {
    const { violations } = this
    try {
      if (this.plan.points) return await this.enumerate()
      await this.run()
      violations.push(...(await this.settled()))
    } catch (error) {
      violations.push(`the round broke: ${String((error as Error).stack ?? error)}`)
    }
    violations.unshift(...[...this.network.broken].map((call) => `a server broke at ${call}`))
    const operations = this.stored()
    const deaths = this.phones.reduce((sum, phone) => sum + phone.deaths, 0)
    let conflicts = 0
    for (const phone of this.plan.points ? [] : this.phones) {
      conflicts += await phone.db.outbox.where('status').equals('conflict').count().catch(() => 0)
      await phone.remove().catch(() => {})
    }
    this.network.close()
    return {
      seed: this.plan.seed, operations, requests: this.network.requests, deaths, conflicts, receipts: this.receipts, violations, trace: this.trace, fates: this.network.counts,
    }
  }

  /** A receipt holds from the moment in which the server gives it, whether or not it arrives. */
  private watch(asker: Asker, path: string, body: Buffer): ((answer: Answer) => Promise<void>) | undefined {
    if (path !== '/api/v1/receipts' || !(asker instanceof Phone)) return undefined
    const journal = [...asker.journal]
    return async (answer) => {
      if (answer.status !== 200) return
      this.receipts++
      const { receipt } = JSON.parse(answer.body.toString()) as { receipt: { day: string } }
      this.violations.push(...(await receipted(asker.name, journal, JSON.parse(body.toString()) as { spans: { device: string }[] }, receipt)))
    }
  }

  private async enumerate(): Promise<Outcome> {
    const points = new Points(world, this.company, this.network, (line) => this.tell(line), (burst) => this.step(burst))
    await points.play()
    this.network.close()
    const { operations, deaths, violations } = points
    return { seed: this.plan.seed, operations, requests: this.network.requests, deaths, conflicts: 0, receipts: 0, violations, trace: this.trace, fates: this.network.counts }
  }

  private tell(line: string): void {
    this.trace.push(`${((world.now - this.company.start_ms) / 1000).toFixed(1).padStart(9)} s  ${line}`)
    if (this.trace.length > 2 * TRACE) this.trace.splice(0, TRACE)
  }

  private stored(): number {
    return this.phones.reduce((sum, phone) => sum + phone.journal.length, 0)
  }

  /** The hour, never the same twice: operations are told apart by it. */
  private unique(): Date {
    world.tick(1)
    return new Date(world.now)
  }

  private async run(): Promise<void> {
    for (const phone of this.phones) await phone.start()
    if (this.plan.scene) return SCENES[this.plan.scene]!(this)
    for (const phone of this.phones) this.work(phone)
    const due = this.schedule()
    for (let stored = 0; stored < this.plan.ops; stored = this.stored()) {
      while (due[0] && due[0].at <= stored) await this.happen(due.shift()!.event)
      if (!(await this.step(this.network.weather.burst, this.plan.race))) throw new Error('nothing happens any more')
    }
    this.working = false
    await world.landed(0)
  }

  /** Each event after as many operations as chance says; a backup before it is put back. */
  private schedule(): { event: Event; at: number }[] {
    const due = this.plan.events.map((event) => ({ event, at: Math.floor(this.plan.ops * (0.1 + 0.8 * this.dice.next())) }))
    const [backup, restore] = (['backup', 'restore'] as const).map((event) => due.find((each) => each.event === event))
    if (backup && restore && backup.at > restore.at) [backup.at, restore.at] = [restore.at, backup.at]
    return due.sort((a, b) => a.at - b.at || Number(b === backup) - Number(a === backup))
  }

  async step(burst: number, afloat?: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    const stuck = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('a step does not end')), STUCK_MS)
    })
    try {
      return await Promise.race([afloat ? world.drift(afloat) : world.step(burst), stuck])
    } finally {
      clearTimeout(timer)
    }
  }

  /** A person takes the phone out again and again. */
  private work(phone: Phone): void {
    world.later(this.plan.race ? this.dice.whole(10, 1_000) : this.dice.whole(1_000, phone.role === 'crew' ? 400_000 : 90_000), async () => {
      if (!this.working) return
      this.work(phone)
      if (!phone.on) return
      if (!this.plan.race && this.dice.chance(AWAY)) phone.awayUntil = Math.max(phone.awayUntil, world.now + this.dice.whole(60_000, 1_200_000))
      if (this.dice.chance(this.plan.deaths)) phone.dieAt = phone.operations + this.dice.whole(1, 200)
      await this.actions.burst(phone, this.plan.race ? 1 : this.dice.chance(0.3) ? this.dice.whole(1, 4) : this.dice.whole(5, this.plan.burst))
      if (phone.on) await phone.wake()
    })
  }

  private async happen(event: Event): Promise<void> {
    const { dice, company } = this
    this.tell(`== ${event}`)
    switch (event) {
      case 'kill': {
        const server = dice.whole(0, 1)
        // Requests that are under way at that moment are cut.
        await Promise.all([this.step(8), order({ do: 'kill', server })])
        for (let i = dice.whole(0, 20); i > 0; i--) await this.step(4)
        await order({ do: 'start', server })
        break
      }
      case 'crash':
        await this.crash(this.step(8))
        break
      case 'restart':
        await order({ do: 'restart', server: dice.whole(0, 1) })
        break
      case 'move': {
        const name = dice.pick(['manager', 'manager2'])
        const person = company.people.find((each) => each.name === name)!
        await order({ do: 'move', person: person.id, unit: dice.pick([company.units.a, company.units.b]) })
        break
      }
      case 'purge':
        await order({ do: 'purge', age_s: dice.whole(0, 1800) })
        break
      case 'fork':
        await this.fork(dice.pick(this.phones.filter((phone) => phone.role !== 'crew')))
        break
      case 'rescue':
      case 'lose':
        await this.rescue(event === 'lose')
        break
      case 'upgrade':
        await this.upgrade()
        break
      case 'release':
        await this.release()
        break
      case 'days':
        // Everybody's phone lies in a drawer, over a weekend perhaps.
        world.tick(dice.whole(1, 4) * DAY_MS)
        break
      case 'window':
        await this.window(dice.pick([1, 3, 90]))
        break
      case 'calm':
        this.network.weather = this.network.weather === FINE ? this.foul : FINE
        break
      default:
        await order({ do: event })
    }
  }

  /** A phone fills its outbox where there is no signal, and wakes up with the new app. */
  private async upgrade(): Promise<void> {
    const phone = this.phones.find((each) => each.on && each.old)
    if (!phone) return
    phone.awayUntil = world.now + this.dice.whole(60_000, 600_000)
    await this.actions.burst(phone, this.plan.burst)
    phone.upgrade()
  }

  /** Both servers are killed in the midst of something, and start again. What phones were told to be there has to be there now. */
  async crash(midst?: Promise<unknown>, due?: Promise<void>): Promise<void> {
    const kill = async () => {
      await due
      await Promise.all([0, 1].map((server) => order({ do: 'kill', server })))
    }
    await Promise.all([midst, kill()])
    for (const server of [0, 1]) await order({ do: 'start', server })
    const dump = await order<Dump>({ do: 'dump' })
    this.violations.push(...(await acknowledged(dump, await registered(dump, this.phones.filter((phone) => phone.on)))))
  }

  /** The next server gets a release for which the app of before is too old to receive. */
  async release(): Promise<void> {
    if (this.released < 2) await order({ do: 'release', server: this.released++ })
  }

  say(violation: string): void {
    this.violations.push(violation)
  }

  /** Phones keep what is closed for so many days from now on: the servers are started with that, one after the other. */
  async window(days: number): Promise<void> {
    this.days = days
    await order({ do: 'window', days })
  }

  /** Somebody copies a phone's whole database onto another phone. */
  private async fork(from: Phone): Promise<void> {
    if (!from.on) return
    const copy = await this.copy(from)
    this.work(copy)
  }

  async copy(from: Phone): Promise<Phone> {
    const person = this.company.people.find((each) => each.id === from.self.id)!
    const copy = new Phone(
      `${from.name}.copy${++this.copies}`, from.self, from.role, from.home, person.tokens.at(-1)!, `${from.base}-copy${this.copies}`, 0, world, this.network, (line) => this.tell(line), from.schema, this.company.schema,
    )
    from.dieAt = Infinity // a phone that is being copied stays on
    for (const op of from.journal) op.copied = true
    from.copied = copy.copied = true
    await copy.take(from)
    this.phones.push(copy)
    await copy.start()
    return copy
  }

  /**
   * What a phone has not sent goes into a file, which the desk or a colleague brings in, while the phone goes on, or after
   * it was lost. A server that was put back may lack what a lost phone alone had: there none is lost.
   */
  private async rescue(lose: boolean): Promise<void> {
    const whole = !this.plan.events.includes('restore')
    for (const phone of shuffled(this.phones, this.dice)) {
      if (!phone.on || phone.role === 'crew' || (lose && (phone.copied || !whole))) continue
      if (!(await getMeta<Device>(phone.db, 'device').catch(() => undefined))?.registered) continue
      if (await this.bring(phone, lose)) return
    }
  }

  /** False when there was nothing to seal. Who brings the file in, chance says where `by` does not. */
  async bring(phone: Phone, lose: boolean, by?: 'desk' | 'colleague'): Promise<boolean> {
    const file = await sealed(phone, this.company.org)
    if (!file || !phone.on) return false
    this.tell(`${phone.name} has sealed ${file.size} bytes${lose ? ' and is lost' : ''}`)
    if (lose) phone.lose()
    const colleague = this.phones.find((each) => each.role === 'crew')!
    if ((by ? by === 'colleague' : this.dice.chance(0.5)) && colleague.on) {
      await handed(file, colleague)
      if (colleague.on) await colleague.wake()
      return true
    }
    const desk = new Desk(`desk.${phone.name}`, this.company.people.find((each) => each.role === 'supervisor')!.tokens[2]!, file, world, this.network)
    desk.strict = !this.plan.events.includes('restore') && !phone.copied
    this.desks.push(desk)
    await desk.start()
    return true
  }

  /** The weather clears, everybody syncs until nothing moves, and the count begins. */
  private async settled(): Promise<string[]> {
    this.tell('== the weather clears')
    this.network.weather = FINE
    for (const server of [0, 1]) await order({ do: 'start', server })
    // What is still under way arrives first: a request may come minutes late.
    await this.quiet(LATEST_MS)
    for (const phone of this.phones) {
      phone.dieAt = Infinity
      phone.awayUntil = 0
    }
    const here = this.phones.filter((phone) => !phone.lost)
    if (this.released > 0) for (const phone of here) if (phone.old) phone.upgrade() // else it hears nothing any more
    const late = world.now + REST_MS
    const until = async (rests: () => boolean) => {
      while (!rests()) {
        if (world.now > late || this.network.broken.size > 0) throw new Error('after the weather cleared something still moves, or a server is broken')
        await this.step(1)
      }
    }
    await until(() => here.every((phone) => phone.on))
    // Who has nothing to hear is not told what to keep either.
    await order({ do: 'news', person: this.company.people[0]!.id })
    for (let turn = 0; turn < 3; turn++) {
      for (const phone of here) await phone.wake()
      await until(() => here.every((phone) => !phone.busy))
    }
    await until(() => this.desks.every((desk) => desk.done))
    const colleague = this.phones.find((each) => each.role === 'crew')!
    const files = await carried(colleague.self.id).files.toArray()
    await carried(colleague.self.id).delete()
    const dump = await order<Dump>({ do: 'dump' })
    return [
      ...this.desks.filter((desk) => desk.strict && desk.refused).map((desk) => `the file of ${desk.name} was refused: ${desk.refused}`),
      ...files.filter((file) => file.state === 'carrying').map((file) => `${colleague.name} still carries ${file.name}`),
      ...(await judge(dump, this.phones, this.plan.events.includes('restore') || ['copy', 'restored', 'anew', 'unseen'].includes(this.plan.scene ?? ''), { now: world.now, days: this.days, release: this.company.schema })),
    ]
  }

  /** They send and read all, one after the other, under a clear sky. */
  async synced(...phones: Phone[]): Promise<void> {
    for (const phone of phones) {
      for (let turn = 0; turn < 2; turn++) {
        await phone.wake()
        while (phone.busy) await this.step(1)
      }
    }
  }

  /** Nobody touches a phone for so long. */
  rest(ms: number): void {
    world.tick(ms)
  }

  /** Lets the world go on for `ms`. */
  private async quiet(ms: number): Promise<void> {
    let over = false
    world.later(ms, () => void (over = true))
    while (!over) await this.step(1)
  }
}

function shuffled<T>(from: readonly T[], dice: Dice): T[] {
  const left = [...from]
  const made: T[] = []
  while (left.length > 0) made.push(...left.splice(dice.whole(0, left.length - 1), 1))
  return made
}
