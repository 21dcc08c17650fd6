import { describe, expect, it } from 'vitest'

import type { Entry } from '@/api/kinds'

import { beforeOf, lastStep, framesOf, provesNothing, stepsOf } from './steps'

const photo = (mark: string) => ({ sha256: mark.repeat(64) })
let n = 0
const entry = (type: string, data: object = {}) => ({ id: String(++n), type, at: '2026-11-24T08:00:00Z', by: 'p', by_name: '孙强', data }) as Entry

describe('the steps of a repair', () => {
  it('say what was amended, and what it was at first', () => {
    const log = [
      entry('create'),
      entry('locate', { cause: '接头松动', photos: [photo('a')] }),
      entry('amend', { step: 'locate', reason: '看错了', cause: '绝缘损坏', photos: [photo('a'), photo('b')] }),
      entry('amend', { step: 'locate', reason: '又看', photos: [photo('c')] }),
    ]
    const [step] = stepsOf(log)
    expect(step).toMatchObject({ name: 'locate', said: '绝缘损坏', photos: [photo('a'), photo('b'), photo('c')] })
    expect(step!.entry.data.cause).toBe('接头松动')
    expect(step!.amendments).toMatchObject([
      { before: '接头松动', after: '绝缘损坏', added: 1 },
      { before: '绝缘损坏', after: '绝缘损坏', added: 1 },
    ])
  })

  it('that were done twice take an amendment to the last one', () => {
    const log = [entry('restore', { photos: [photo('a')] }), entry('return', { reason: 'r' }), entry('restore', { note: '重拍', photos: [photo('b')] }), entry('amend', { step: 'restore', note: '重拍，相序可见' })]
    expect(stepsOf(log).map(({ said }) => said)).toEqual(['', '重拍，相序可见'])
    expect(lastStep(log, 'restore')!.photos).toEqual([photo('b')])
    expect(lastStep(log, 'arrive')).toBeUndefined()
  })
})

it('frames before, during and after tell what is taken, what is due now and what went by', () => {
  const photo = (role: string) => ({ role, sha256: role, size: 1, type: 'image/jpeg', taken_at: '' })
  const noted = stepsOf([{ type: 'arrive', at: '', by: 'x', data: { photos: [photo('before')] } } as never])
  const said = (...given: Parameters<typeof framesOf>) => framesOf(...given).map(({ state }) => state)
  expect(said([], [], 'before')).toEqual(['now', 'later', 'later'])
  expect(said(noted, [], 'during')).toEqual(['taken', 'now', 'later'])
  expect(said(noted, [photo('during')], 'during')).toEqual(['taken', 'taken', 'later'])
  expect(said([], [photo('after')], 'after')).toEqual(['passed', 'passed', 'taken'])
  expect(said([], [], undefined)).toEqual(['passed', 'passed', 'passed'])
})

it('the view that the photo after takes again is that of before the work, else what was found', () => {
  const photo = (role: string, more = {}) => ({ role, sha256: role, size: 1, type: 'image/jpeg', taken_at: '', ...more })
  const noted = stepsOf([{ type: 'arrive', at: '', by: 'x', data: { photos: [photo('before')] } } as never])
  const found = [photo('thermal'), photo('annotated', { copy_of: 'overall' }), photo('overall')]
  expect(beforeOf(noted, found)?.role).toBe('before')
  expect(beforeOf([], found)?.role).toBe('overall')
  expect(beforeOf([], [])).toBeUndefined()
})

it('the same file before and after the work proves nothing, also when the step was amended', () => {
  const photo = (role: string, sha256: string) => ({ role, sha256 })
  const log = (after: string) => [
    { id: '1', type: 'arrive', data: { photos: [photo('before', 'a'), photo('before', 'b')] } },
    { id: '2', type: 'restore', data: { photos: [photo('after', 'c')] } },
    { id: '3', type: 'amend', data: { step: 'restore', photos: [photo('after', after)] } },
  ] as unknown as Entry[]
  const judged = (after: string) => provesNothing(stepsOf(log(after)).flatMap(({ photos }) => photos))
  expect([judged('d'), judged('b')]).toEqual([false, true])
})
