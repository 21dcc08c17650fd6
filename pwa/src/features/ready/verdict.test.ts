import { describe, expect, test } from 'vitest'

import { type Found, isReady, photoSize, USUAL_PHOTO, verdicts } from './verdict'

const NOW = Date.parse('2026-11-24T08:00:00+08:00')
const HOUR = 3_600_000
const MB = 1024 * 1024
const good: Found = {
  app: { all: 80, lacking: 0 },
  rules: { all: 3, lacking: 0 },
  register: { all: 420, lacking: 0, things: 400, comparedAt: NOW - HOUR, left_out: false },
  jobs: { all: 4, lacking: 0, photos: { all: 6, lacking: 0 }, without: 0 },
  map: { none: true, ok: false, have: 0, all: 0 },
  space: { free: 1000 * MB, photo: 4 * MB },
  persisted: true,
  clock: { known: true, off: 0 },
}
/** State and sentence of one line when this much is different. */
const of = (item: string, change: Partial<Found>): string => {
  const found = verdicts({ ...good, ...change }, NOW).find((line) => line.item === item)!
  return `${found.state} ${found.say}`
}

describe('ready for a day without a network', () => {
  test('when every item was read back; a map that the company has not holds nobody up', () => {
    const lines = verdicts(good, NOW)
    expect(isReady(lines)).toBe(true)
    expect(lines.filter((line) => line.state !== 'ok').map((line) => line.item)).toEqual(['map'])
  })
  test('one red line is enough not to be ready', () => {
    expect(isReady(verdicts({ ...good, persisted: false }, NOW))).toBe(false)
  })
})

describe('each item by itself', () => {
  test('files: one that cannot be read, and a browser that keeps none', () => {
    expect(of('app', { app: { all: 80, lacking: 1 } })).toBe('bad lacking')
    expect(of('app', { app: undefined })).toBe('bad unable')
    expect(of('app', { app: { all: 0, lacking: 0 } })).toBe('bad unable')
    expect(of('rules', { rules: { all: 3, lacking: 3 } })).toBe('bad lacking')
  })
  test('register: what was here and is not is told before how old the comparison is', () => {
    const register = (change: object) => of('register', { register: { ...good.register, ...change } })
    expect(register({ lacking: 2, comparedAt: NOW - 50 * HOUR })).toBe('bad lacking')
    expect(register({ comparedAt: NOW - 24 * HOUR })).toBe('bad old')
    expect(register({ comparedAt: NOW - 24 * HOUR + 1 })).toBe('ok ok')
    expect(register({ comparedAt: undefined })).toBe('bad never')
    expect(register({ all: 0 })).toBe('bad never')
    expect(register({ left_out: true })).toBe('bad left_out')
  })
  test('an area with nothing in its register is compared as well', () => {
    expect(of('register', { register: { ...good.register, things: 0 } })).toBe('ok ok')
  })
  test('jobs: the record counts before its photos; a small view that the server has not does not hold up', () => {
    const jobs = (change: object) => of('jobs', { jobs: { ...good.jobs, ...change } })
    expect(jobs({ lacking: 1, photos: { all: 6, lacking: 2 } })).toBe('bad lacking')
    expect(jobs({ photos: { all: 6, lacking: 2 } })).toBe('bad photos')
    expect(jobs({ without: 1 })).toBe('ok without')
    expect(jobs({ all: 0, photos: { all: 0, lacking: 0 } })).toBe('ok nothing')
  })
  test('map: ready once it was read back, and not while nobody knows whether there is one', () => {
    const map = (change: object) => of('map', { map: { none: false, ok: false, have: 0, all: 0, ...change } })
    expect(map({})).toBe('bad never')
    expect(map({ have: MB, all: 3 * MB })).toBe('bad lacking')
    expect(map({ have: 3 * MB, all: 3 * MB })).toBe('bad lacking')
    expect(map({ ok: true, have: 3 * MB, all: 3 * MB })).toBe('ok ok')
    expect(map({ none: true })).toBe('none none')
    expect(of('map', { map: undefined })).toBe('bad unable')
  })
  test('space: a hundred photos, not ninety-nine', () => {
    expect(of('space', { space: { free: 400 * MB, photo: 4 * MB } })).toBe('ok ok')
    expect(of('space', { space: { free: 400 * MB - 1, photo: 4 * MB } })).toBe('bad lacking')
    expect(of('space', { space: { free: -5, photo: 4 * MB } })).toBe('bad lacking')
    expect(of('space', { space: undefined })).toBe('bad unable')
  })
  test('kept storage and the clock: not knowing is not ready', () => {
    expect(of('persisted', { persisted: undefined })).toBe('bad unable')
    expect(of('clock', { clock: { known: false, off: 0 } })).toBe('bad never')
    expect(of('clock', { clock: { known: true, off: 600_000 } })).toBe('bad ahead')
    expect(of('clock', { clock: { known: true, off: -600_000 } })).toBe('bad behind')
  })
})

describe('the size of a photo', () => {
  test('is this phone’s own mean once there are twenty', () => {
    expect(photoSize(Array(19).fill(MB))).toBe(USUAL_PHOTO)
    expect(photoSize(Array(20).fill(MB))).toBe(MB)
    expect(photoSize([])).toBe(USUAL_PHOTO)
  })
})
