/**
 * Decisions that can still be taken back. They are kept on this machine and become operations when their time is up,
 * so that an undone one was never sent. A closed window loses none: what is overdue at the next start is sent then.
 */
import { computed, ref, shallowRef } from 'vue'

import type { KindName } from '@/api/kinds'
import { act, loadDraft, saveDraft, SaveRefused } from '@/sync/records'

export const UNDO_MS = 10_000

export interface Held {
  id: string
  kind: KindName
  type: string
  data: Record<string, unknown>
  /** ms since epoch when it is sent. */
  due: number
  /** Taken together with others of this name, and taken back with them. */
  batch?: string
}

export interface HeldDeps {
  act: (kind: KindName, id: string, type: string, data: object) => Promise<void>
  load: () => Promise<Held[] | undefined>
  store: (held: Held[]) => Promise<void>
  now: () => number
  /** Calls back after so many ms; gives back how to call it off. */
  after: (ms: number, call: () => void) => () => void
}

/** A decision that could not be sent: someone else was faster, or the record is gone. */
export interface Lost {
  held: Held
  error: unknown
}

export function createHeld(deps: HeldDeps) {
  const list = shallowRef<Held[]>([])
  const lost = ref<Lost>()
  let callOff = () => {}
  let stored: Promise<void> = Promise.resolve()
  const flying = new Set<Held>()

  function set(next: Held[]): void {
    list.value = next
    stored = stored.catch(() => {}).then(() => deps.store(next)) // one failed write must not hold up the next
    stored.catch(() => {}) // whoever decided hears of it
    callOff()
    const resting = next.filter((held) => !flying.has(held))
    const due = Math.min(...resting.map((held) => held.due))
    callOff = resting.length > 0 ? deps.after(Math.max(0, due - deps.now()), () => void sendDue()) : () => {}
  }

  async function send(some: readonly Held[]): Promise<void> {
    const again = new Map<Held, Held>()
    for (const held of some) flying.add(held)
    for (const held of some) {
      try {
        await deps.act(held.kind, held.id, held.type, held.data)
      } catch (error) {
        if (error instanceof SaveRefused) lost.value = { held, error }
        else again.set(held, { ...held, due: deps.now() + UNDO_MS }) // this machine could not write it: a little later
      }
    }
    for (const held of some) flying.delete(held)
    // Only after the operation is stored: a crash in between sends it twice, and the state machine refuses the second.
    set(list.value.flatMap((held) => again.get(held) ?? (some.includes(held) ? [] : [held])))
    await stored.catch(() => {}) // left on the disk, it is sent once more at the next start, and refused
  }

  /** Kept when this comes back; when the machine could not, the decisions are open again and the error is thrown. */
  async function keep(some: readonly Held[]): Promise<void> {
    set([...list.value.filter((held) => !some.some((one) => one.id === held.id)), ...some])
    try {
      await stored
    } catch (error) {
      set(list.value.filter((held) => !some.includes(held) || flying.has(held)))
      throw error
    }
  }

  const resting = () => list.value.filter((held) => !flying.has(held))
  const sendDue = () => send(resting().filter((held) => held.due <= deps.now()))

  return {
    list,
    lost,
    last: computed(() => list.value.at(-1)),
    isHeld: (id: string) => list.value.some((held) => held.id === id),
    /** Takes up what an earlier window left. */
    async start(): Promise<void> {
      const left = (await deps.load()) ?? []
      const known = new Set(list.value.map((held) => held.id))
      set([...left.filter((held) => !known.has(held.id)), ...list.value])
      await sendDue()
    },
    /** Holds a decision for ten seconds. A second one on the same record takes the first one's place. */
    hold: (kind: KindName, id: string, type: string, data: Record<string, unknown> = {}): Promise<void> => keep([{ kind, id, type, data, due: deps.now() + UNDO_MS }]),
    /** Holds one decision on many records; one undo takes back all of them. */
    holdAll: (kind: KindName, ids: readonly string[], type: string, data: Record<string, unknown>): Promise<void> =>
      keep(ids.map((id) => ({ kind, id, type, data, due: deps.now() + UNDO_MS, batch: ids[0]! }))),
    /**
     * Takes the last decision (or that on `id`) back, with those taken together with it; gives it back, or undefined when it is already on its way. At once:
     * whoever waited for the disk would let the next key fall on another record.
     */
    undo(id?: string): Held | undefined {
      const taken = resting().findLast((held) => id === undefined || held.id === id)
      if (taken) set(list.value.filter((held) => held !== taken && (taken.batch === undefined || held.batch !== taken.batch || flying.has(held))))
      return taken
    },
    sendNow: () => send(resting()),
  }
}

const KEY = 'desk:held'
let shared: ReturnType<typeof createHeld> | undefined

/** The one list of this window. */
export function useHeld(): ReturnType<typeof createHeld> {
  shared ??= createHeld({
    act,
    load: () => loadDraft<Held[]>(KEY),
    store: (held) => saveDraft(KEY, held),
    now: () => Date.now(),
    after: (ms, call) => {
      const timer = setTimeout(call, ms)
      return () => clearTimeout(timer)
    },
  })
  return shared
}
