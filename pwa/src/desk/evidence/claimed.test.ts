import { describe, expect, it } from 'vitest'

import type { PhotoRef } from '@/api/kinds'

import { claimed } from './claimed'

const photo = { taken_at: '2026-11-26T10:00:00+08:00', lat: 31.5, lon: 104.7, accuracy_m: 50 } as PhotoRef
const none = { taken_at_exif: null, position_exif: null }

describe('what a photo’s file says of itself', () => {
  it('is no accusation where it says nothing', () => {
    expect(claimed(photo, none)).toEqual({})
    expect(claimed({ ...photo, lat: null, lon: null }, { ...none, position_exif: { lat: 0, lon: 10 } })).toEqual({})
  })

  it('is told when the time is more than ten minutes off', () => {
    expect(claimed(photo, { ...none, taken_at_exif: '2026-11-26T09:51:00+08:00' })).toEqual({})
    const old = claimed(photo, { ...none, taken_at_exif: '2026-03-12T10:00:00+08:00' })
    expect(old.time).toEqual({ at: '2026-03-12T10:00:00+08:00', later_ms: 259 * 86_400_000 })
    expect(claimed(photo, { ...none, taken_at_exif: '2026-11-26T10:11:00+08:00' }).time?.later_ms).toBe(-660_000)
    const local = new Date(Date.parse(photo.taken_at) - 3_600_000)
    const text = new Date(local.getTime() - local.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
    expect(claimed(photo, { ...none, taken_at_exif: text }).time?.later_ms).toBe(3_600_000) // no zone: the desk's own
    expect(claimed(photo, { ...none, taken_at_exif: 'nonsense' })).toEqual({})
  })

  it('is told when the place is more than 200 m and the phone’s own accuracy away', () => {
    expect(claimed(photo, { ...none, position_exif: { lat: 31.502, lon: 104.7 } })).toEqual({}) // 222 m, 250 are allowed
    expect(claimed(photo, { ...none, position_exif: { lat: 31.51, lon: 104.7 } }).away_m).toBeCloseTo(1112, -1)
    expect(claimed(photo, { ...none, position_exif: { lat: 31.5, lon: -75.3 } }).away_m).toBeGreaterThan(10_000_000)
  })
})
