import { describe, expect, it } from 'vitest'

import { reasonText } from '@/desk/reason'

import type { Seen } from './reasons'
import { fieldsOf, hotterThan, rejectReasons, returnReasons } from './reasons'

const plain: Seen = {
  kind: 'infrared', flags: [], error: null, roles: ['thermal', 'visible'],
  noTemperatures: false, hotterThanPicture: false, sharedPhoto: false, notControlled: false, personNamed: true,
}
const keys = (seen: Partial<Seen>) => returnReasons({ ...plain, ...seen }).map((reason) => reason.key)

describe('offered reasons', () => {
  it('put first what the record itself suggests', () => {
    expect(keys({ error: 'T0_ABOVE_T2', flags: ['ENV'] }).slice(0, 2)).toEqual(['ambient_high', 'env'])
    expect(keys({ noTemperatures: true })[0]).toBe('no_temperatures')
    expect(keys({ kind: 'finding', personNamed: false })[0]).toBe('person')
    expect(keys({ kind: 'hazard', roles: ['close_up'], notControlled: true }).slice(0, 2)).toEqual(['control', 'overall'])
  })

  it('are the usual ones when nothing is odd, and never more than the digits', () => {
    expect(keys({})).toEqual(['aim', 'points', 'label', 'blurred'])
    const everything = { noTemperatures: true, sharedPhoto: true, error: 'T0_ABOVE_T2', flags: ['ENV', 'PROVISIONAL'] }
    expect(keys(everything).length).toBeLessThanOrEqual(9)
  })

  it('offer a doubled photo as the first ground to reject', () => {
    expect(rejectReasons({ ...plain, sharedPhoto: true })[0]?.key).toBe('shared')
    expect(rejectReasons(plain).map((reason) => reason.key)).not.toContain('shared')
  })

  it('doubt a reading that the picture cannot have given', () => {
    expect(hotterThan(87.4, 34.5)).toBe(true)
    expect(hotterThan(36.4, 34.5)).toBe(false)
    expect(hotterThan(30, 34.5)).toBe(false)
    expect(keys({ hotterThanPicture: true })[0]).toBe('points')
  })

  it('join to one text and name each field once', () => {
    expect(reasonText(['铭牌看不清。', '照片模糊。'], ' 请补拍 ')).toBe('铭牌看不清。 照片模糊。 请补拍')
    expect(reasonText([], '  ')).toBe('')
    expect(fieldsOf(returnReasons(plain))).toEqual(['photos', 'points'])
  })
})
