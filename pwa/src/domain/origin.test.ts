import { describe, expect, it } from 'vitest'

import type { PhotoRef } from '@/api/kinds'

import { originOf, unusual, waysFor } from './origin'

const photo = (role: string, origin: PhotoRef['origin']): PhotoRef => ({ sha256: 'ab'.repeat(32), size: 1, type: 'image/jpeg', role, taken_at: '2026-11-20T08:00:00Z', ...(origin ? { origin } : {}) })
const SUBMITTED = '2026-11-23T08:00:00Z'
const DAY = 86_400_000

describe('where a photo came from', () => {
  it('is what the pressed button says', () => {
    expect(originOf('app', 0)).toBe('app')
    expect(originOf('camera', -5_000)).toBe('camera')
    expect(originOf('gallery', 5_000)).toBe('gallery')
    expect(originOf('import', 3 * DAY)).toBe('import')
  })

  it('is the gallery where the camera was asked for and an old file came', () => {
    expect(originOf('camera', 3 * DAY)).toBe('gallery')
  })

  it('is offered as the checklist allows it for the role: a thermal picture is imported, every other one is taken', () => {
    expect(waysFor('visible')).toEqual(['camera', 'gallery', 'import'])
    expect(waysFor('thermal')).toEqual(['import', 'camera', 'gallery'])
  })

  it('is told to the reviewer with the age of the file where the checklist does not allow it', () => {
    expect(unusual(photo('visible', 'gallery'), SUBMITTED)).toEqual({ origin: 'gallery', ageMs: 3 * DAY })
    expect(unusual(photo('close_up', 'import'), SUBMITTED)).toEqual({ origin: 'import', ageMs: 3 * DAY })
    expect(unusual(photo('thermal', 'gallery'), undefined)).toEqual({ origin: 'gallery', ageMs: undefined })
    expect(unusual(photo('thermal', 'camera'), '2026-11-20T08:00:00Z')).toEqual({ origin: 'camera', ageMs: undefined })
  })

  it('is told to the reviewer where it is not known', () => {
    expect(unusual(photo('visible', undefined), SUBMITTED)).toEqual({ origin: 'unknown', ageMs: 3 * DAY })
    expect(unusual(photo('thermal', null), SUBMITTED)).toEqual({ origin: 'unknown', ageMs: 3 * DAY })
    expect(unusual(photo('thermal', 'app'), undefined)).toEqual({ origin: 'app', ageMs: undefined })
  })

  it('is not worth a word where it is allowed, and for a copy that proves nothing', () => {
    const copy = { ...photo('annotated', undefined), copy_of: 'cd'.repeat(32) }
    for (const fine of [photo('visible', 'camera'), photo('visible', 'app'), photo('thermal', 'import'), copy]) {
      expect(unusual(fine, SUBMITTED)).toBeUndefined()
    }
  })
})
