import { describe, expect, test } from 'vitest'

import { ALWAYS, heldBack, lineOf, minutesFor, type Situation } from './policy'

const MB = 1024 * 1024
const usual: Situation = { policy: ALWAYS, line: 'mobile', sentToday: 0, nowAt: 0 }
const photo = { size: 4 * MB, offset: 0, added_at: 1000 }
const held = (change: Partial<Situation>, of: Partial<typeof photo & { urgent: 1 }> = {}) => heldBack({ ...photo, ...of }, { ...usual, ...change })

describe('when photos may go', () => {
  test('always, if nothing was chosen', () => {
    expect(held({})).toBeUndefined()
    expect(held({ line: 'unknown' })).toBeUndefined()
  })
  test('on Wi-Fi only: not by mobile, and not where the browser does not tell', () => {
    const policy = { when: 'wifi', dayMb: null } as const
    expect([held({ policy, line: 'wifi' }), held({ policy, line: 'mobile' }), held({ policy, line: 'unknown' })]).toEqual([undefined, 'wifi', 'wifi'])
  })
  test('when told: what was attached until then, not what came after', () => {
    const policy = { when: 'now', dayMb: null } as const
    expect([held({ policy }), held({ policy, nowAt: 1000 }), held({ policy, nowAt: 999 })]).toEqual(['now', undefined, 'now'])
  })
  test('one that is told by itself goes', () => {
    expect(held({ policy: { when: 'wifi', dayMb: 1 }, sentToday: 9 * MB }, { urgent: 1 })).toBeUndefined()
  })
  test('within the size of the day: what is left of a photo counts, the limit itself is allowed', () => {
    const policy = { when: 'always', dayMb: 10 } as const
    expect(held({ policy, sentToday: 6 * MB })).toBeUndefined()
    expect(held({ policy, sentToday: 6 * MB + 1 })).toBe('day')
    expect(held({ policy, sentToday: 6 * MB + 1 }, { offset: 1 })).toBeUndefined()
  })
  test('the first of the day goes however large it is', () => {
    expect(held({ policy: { when: 'always', dayMb: 1 } })).toBeUndefined()
  })
})

test('the line is what the browser says, else unknown', () => {
  expect([{ type: 'wifi' }, { type: 'ethernet' }, { type: 'cellular' }, { type: 'none' }, {}, undefined].map(lineOf)).toEqual(['wifi', 'wifi', 'mobile', 'unknown', 'unknown', 'unknown'])
})

test('minutes are rounded up, and not said when the rate is not known', () => {
  expect(minutesFor(12 * 4 * MB, 4 * MB)).toBe(1)
  expect(minutesFor(180 * MB, MB)).toBe(3)
  expect(minutesFor(180 * MB + 1, MB)).toBe(4)
  expect([minutesFor(0, MB), minutesFor(MB, 0)]).toEqual([undefined, undefined])
})
