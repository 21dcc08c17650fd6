import { describe, expect, it } from 'vitest'

import type { PhotoRef } from '@/api/kinds'

import { originOf, unusual } from './origin'

const photo = (role: string, origin: PhotoRef['origin']): PhotoRef => ({ sha256: 'ab'.repeat(32), size: 1, type: 'image/jpeg', role, taken_at: '2026-11-20T08:00:00Z', ...(origin ? { origin } : {}) })
const SUBMITTED = '2026-11-23T08:00:00Z'
const DAY = 86_400_000

describe('where a photo came from', () => {
  it('is the camera for a file of this minute, the gallery for an older one', () => {
    expect(originOf('visible', 5_000)).toBe('camera')
    expect(originOf('visible', 3 * DAY)).toBe('gallery')
  })

  it('is an import for a file of a thermal camera', () => {
    expect(originOf('thermal', 3 * DAY)).toBe('import')
  })

  it('is told to the reviewer with the age of the file where the checklist does not allow it', () => {
    expect(unusual(photo('visible', 'gallery'), SUBMITTED)).toEqual({ origin: 'gallery', ageMs: 3 * DAY })
    expect(unusual(photo('close_up', 'import'), SUBMITTED)).toEqual({ origin: 'import', ageMs: 3 * DAY })
    expect(unusual(photo('thermal', 'gallery'), undefined)).toEqual({ origin: 'gallery', ageMs: undefined })
  })

  it('is not worth a word where it is allowed or not known', () => {
    for (const fine of [photo('visible', 'camera'), photo('thermal', 'import'), photo('visible', undefined)]) {
      expect(unusual(fine, SUBMITTED)).toBeUndefined()
    }
  })
})
