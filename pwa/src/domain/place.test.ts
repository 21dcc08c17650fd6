import { describe, expect, test } from 'vitest'

import { better, faults, headingOf, placeAt, uncertainty } from './place'

const T = Date.parse('2026-11-26T02:00:00Z')
const fix = { lat: 36.6123456789, lon: 114.5, accuracy_m: 6.04, at: T }

describe('the place of a photo', () => {
  test('has accuracy, the time between, and where the phone looked', () => {
    expect(placeAt(fix, { deg: 119.6, at: T }, T + 3200)).toEqual({ lat: 36.612346, lon: 114.5, accuracy_m: 6, place_age_ms: 3200, heading_deg: 120 })
    expect(placeAt(fix, { deg: 359.7, at: T }, T)).toMatchObject({ place_age_ms: 0, heading_deg: 0 })
  })
  test('counts the time between also when it was read after the photo', () => {
    expect(placeAt(fix, undefined, T - 5000)?.place_age_ms).toBe(5000)
  })
  test('is not told when it is of another quarter of an hour, nor a compass of half a minute ago', () => {
    expect(placeAt(fix, undefined, T + 600_001)).toBeUndefined()
    expect(placeAt(undefined, { deg: 1, at: T }, T)).toBeUndefined()
    expect(placeAt(fix, { deg: 90, at: T }, T + 30_001)).not.toHaveProperty('heading_deg')
  })
  test('is said to be old or coarse', () => {
    expect(faults({ lat: 1, lon: 1, accuracy_m: 100, place_age_ms: 60_000 })).toEqual([])
    expect(faults({ lat: 1, lon: 1, accuracy_m: 101, place_age_ms: 60_001 })).toEqual(['old', 'coarse'])
    expect(faults({ lat: 1, lon: 1 })).toEqual([])
  })
  test('gives way to a better one read soon after, and keeps the compass of the photo', () => {
    const coarse = placeAt({ ...fix, accuracy_m: 900 }, { deg: 10, at: T }, T)!
    const fine = placeAt({ ...fix, at: T + 20_000 }, { deg: 200, at: T + 20_000 }, T)!
    expect(better(coarse, fine)).toEqual({ lat: 36.612346, lon: 114.5, accuracy_m: 6, place_age_ms: 20_000, heading_deg: 10 })
    expect(better({}, fine)).toEqual(fine)
    expect(better(fine, coarse)).toBe(fine)
    expect(better(coarse, undefined)).toBe(coarse)
    expect(uncertainty(fine)).toBeCloseTo(34)
  })
})

describe('the compass', () => {
  test.each([
    ['flat, top to the north', 0, 0, 0, 0],
    ['flat, top to the west', 90, 0, 0, 270],
    ['upright, looking north', 0, 90, 0, 0],
    ['upright, looking east', 270, 90, 0, 90],
    ['upright and leant back', 270, 60, 0, 90],
    ['lying on its long side, camera to the east', 0, 0, -90, 90],
  ])('%s', (_, alpha, beta, gamma, wanted) => {
    expect(headingOf(alpha, beta, gamma) % 360).toBeCloseTo(wanted, 3)
  })
})
