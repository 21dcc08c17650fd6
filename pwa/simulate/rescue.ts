/** Rescue files in the round: made on a phone in the middle of its work, brought in by the desk or by a colleague. */
import { type Fetch, Problem, Unreachable } from '@/api/client'
import { bringIn, carry, identify, isFinal, readBlob, sendFile } from '@/custody/carry'
import { CannotSeal, sealUnsent } from '@/custody/rescue'

import type { Asker, Network } from './network'
import type { Phone } from './phone'
import type { World } from './world'

const AGAIN_MS = 30_000

/** All that the phone has not sent, sealed; undefined when there is nothing, or when it never reached the server. */
export async function sealed(phone: Phone, org: string): Promise<File | undefined> {
  let file: File | undefined
  await phone.act(async (db) => {
    try {
      file = (await sealUnsent(db, org, phone.now)).file
    } catch (error) {
      if (!(error instanceof CannotSeal)) throw error
    }
  })
  return file
}

/** A colleague's phone takes the file along; its own sync sends it. */
export async function handed(file: File, colleague: Phone): Promise<void> {
  await colleague.act((db) => carry(db, file, colleague.now.getTime()))
}

/** A browser at the desk that sends one file, again and again until the server has brought it in. */
export class Desk implements Asker {
  done = false
  /** Why the server refused the file for good. */
  refused: string | undefined
  /** Nothing has happened for which the server may refuse it. */
  strict = true
  private blocked = () => {}

  constructor(
    readonly name: string,
    public token: string,
    private readonly file: File,
    private readonly world: World,
    private readonly network: Network,
  ) {}

  async start(): Promise<void> {
    await this.go(() => void this.bring())
  }

  private async go(act: () => void): Promise<void> {
    await new Promise<void>((resolve) => {
      this.blocked = resolve
      act()
    })
  }

  private readonly call: Fetch = (path, call = {}) =>
    new Promise<Response>((resolve, reject) => {
      const settle = (answer: Response | Unreachable) => this.go(() => (answer instanceof Unreachable ? reject(answer) : resolve(answer)))
      void this.network.send(this, path, call, settle).then(() => this.blocked())
    })

  private async bring(): Promise<void> {
    try {
      const hash = await identify(this.file)
      await sendFile(this.call, hash, this.file.size, readBlob(this.file))
      await bringIn(this.call, hash)
      this.done = true
    } catch (error) {
      if (error instanceof Problem && isFinal(error) && error.code !== 'rescue_unknown') {
        this.done = true
        this.refused = error.code
      } else this.world.later(AGAIN_MS, () => this.go(() => void this.bring()))
    }
    this.blocked()
  }
}
