import { beforeEach, describe, expect, it } from 'vitest'

import type { Held } from './held'
import { createHeld, UNDO_MS } from './held'
import { SaveRefused } from '@/sync/records'

let now: number
let sent: string[]
let onDisk: Held[]
let alarm: (() => void) | undefined
let full: boolean

function desk(refuse: (id: string) => boolean = () => false) {
  return createHeld({
    act: async (_kind, id, type) => {
      if (full) throw new Error('QuotaExceededError')
      if (refuse(id)) throw new SaveRefused('bad_transition')
      sent.push(`${type} ${id}`)
    },
    load: async () => onDisk,
    store: async (held) => {
      if (full) throw new Error('QuotaExceededError')
      onDisk = held
    },
    now: () => now,
    after: (ms, call) => {
      alarm = () => {
        now += ms
        call()
      }
      return () => (alarm = undefined)
    },
  })
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 0))

beforeEach(() => {
  now = 1_000_000
  sent = []
  onDisk = []
  full = false
  alarm = undefined
})

describe('held decisions', () => {
  it('are sent when their ten seconds are over, not before', async () => {
    const held = desk()
    await held.hold('infrared', 'r1', 'accept')
    expect(sent).toEqual([])
    expect(held.isHeld('r1')).toBe(true)
    alarm?.()
    await settle()
    expect(now).toBe(1_000_000 + UNDO_MS)
    expect(sent).toEqual(['accept r1'])
    expect(held.list.value).toEqual([])
    expect(onDisk).toEqual([])
  })

  it('can be taken back, the last one first, and then never leave the machine', async () => {
    const held = desk()
    await held.hold('infrared', 'r1', 'accept')
    await held.hold('hazard', 'r2', 'return', { reason: '照片模糊' })
    expect(held.undo()?.id).toBe('r2')
    await held.sendNow()
    expect(sent).toEqual(['accept r1'])
    expect(held.undo()).toBeUndefined()
  })

  it('cannot be taken back once they are on their way', async () => {
    const held = desk()
    await held.hold('infrared', 'r1', 'accept')
    const sending = held.sendNow()
    expect(held.undo()).toBeUndefined()
    await sending
    expect(sent).toEqual(['accept r1'])
  })

  it('survive a closed window and are sent at the next start when overdue', async () => {
    await desk().hold('infrared', 'r1', 'accept')
    expect(onDisk.map((held) => held.id)).toEqual(['r1'])
    now += UNDO_MS
    await desk().start()
    expect(sent).toEqual(['accept r1'])
    expect(onDisk).toEqual([])
  })

  it('keep the rest when one of them is refused, and say so', async () => {
    const held = desk((id) => id === 'r1')
    await held.hold('infrared', 'r1', 'accept')
    await held.hold('infrared', 'r2', 'accept')
    await held.sendNow()
    expect(sent).toEqual(['accept r2'])
    expect(held.lost.value?.held.id).toBe('r1')
    expect(held.list.value).toEqual([])
  })

  it('are one per record: a second thought takes the place of the first', async () => {
    const held = desk()
    await held.hold('infrared', 'r1', 'accept')
    await held.hold('infrared', 'r1', 'reject', { reason: '重复' })
    await held.sendNow()
    expect(sent).toEqual(['reject r1'])
  })

  it('takes many that were accepted together back in one go, and sends them after what was decided before', async () => {
    const held = desk()
    await held.hold('infrared', 'sample', 'accept')
    now += 1_000
    await held.holdAll('infrared', ['a', 'b'], 'accept', { bulk: { records: 3, sample: ['sample'] } })
    expect(held.undo()?.batch).toBe('a')
    expect(held.list.value.map(({ id }) => id)).toEqual(['sample'])
    await held.holdAll('infrared', ['a', 'b'], 'accept', { bulk: { records: 3, sample: ['sample'] } })
    await held.sendNow()
    expect(sent).toEqual(['accept sample', 'accept a', 'accept b'])
  })

  it('that this machine could not keep are open again, and the next one is kept', async () => {
    const held = desk()
    await held.hold('infrared', 'r1', 'accept')
    full = true
    await expect(held.hold('infrared', 'r2', 'accept')).rejects.toThrow('Quota')
    expect(held.list.value.map(({ id }) => id)).toEqual(['r1'])
    full = false
    await held.hold('infrared', 'r3', 'accept')
    expect(onDisk.map(({ id }) => id)).toEqual(['r1', 'r3'])
  })

  it('that this machine could not make an operation of wait ten seconds more, on the disk too', async () => {
    const held = desk()
    await held.hold('infrared', 'r1', 'accept')
    full = true
    alarm?.()
    await settle()
    expect(sent).toEqual([])
    expect(held.lost.value).toBeUndefined()
    expect(onDisk.map(({ id }) => id)).toEqual(['r1'])
    full = false
    alarm?.()
    await settle()
    expect(sent).toEqual(['accept r1'])
    expect(onDisk).toEqual([])
  })
})
