import { describe, expect, it } from 'vitest'

import type { Entry, PhotoRef } from '@/api/kinds'

import { beforeAfter, photosShown, position, twoOf } from './photos'

function photo(sha256: string, role: string, more: Partial<PhotoRef> = {}): PhotoRef {
  return { sha256, role, size: 1, type: 'image/jpeg', taken_at: '2026-11-23T08:00:00Z', ...more }
}
function event(type: string, photos: PhotoRef[]): Entry {
  return { id: type, type, at: '2026-11-23T08:00:00Z', by: 'p', by_name: '李强', data: { photos } }
}
const names = (shown: { photo: PhotoRef }[]) => shown.map((item) => item.photo.sha256)

describe('photos under review', () => {
  it('start with what decides: the thermal picture, the close-up', () => {
    const infrared = { photos: [photo('v', 'visible'), photo('x', 'label_or_number'), photo('t', 'thermal')] }
    expect(names(photosShown('infrared', infrared, []))).toEqual(['t', 'v', 'x'])
    const hazard = { photos: [photo('o', 'overall'), photo('c', 'close_up')] }
    expect(names(photosShown('hazard', hazard, []))).toEqual(['c', 'o'])
  })

  it('have their marked copies after them, and a copy is compared with its original', () => {
    const hazard = { photos: [photo('k', 'annotated', { copy_of: 'o' }), photo('o', 'overall'), photo('c', 'close_up')] }
    const shown = photosShown('hazard', hazard, [])
    expect(names(shown)).toEqual(['c', 'o', 'k'])
    expect(twoOf(shown, 2).map((item) => item?.photo.sha256)).toEqual(['o', 'k'])
  })

  it('include those of events, each once', () => {
    const bare = { ...event('receive', []), data: undefined } as unknown as Entry // the feed leaves empty data out
    const log = [bare, event('arrive', [photo('a', 'before')]), event('restore', [photo('a', 'before'), photo('b', 'after')])]
    expect(photosShown('repair', {}, log).map((item) => [item.photo.sha256, item.step])).toEqual([['a', 'arrive'], ['b', 'restore']])
  })

  it('stand before against after; without a photo on arrival the defect’s own stands there', () => {
    const shown = photosShown('repair', {}, [
      event('arrive', [photo('a', 'before')]),
      event('repair', [photo('m', 'during')]),
      event('restore', [photo('b', 'after')]),
    ])
    const source = [photo('t', 'thermal'), photo('s', 'visible')]
    expect(beforeAfter(shown, source)).toMatchObject({ before: { photo: { sha256: 'a' } }, after: { photo: { sha256: 'b' } } })
    const late = photosShown('repair', {}, [event('restore', [photo('b', 'evidence')])])
    expect(beforeAfter(late, source)).toMatchObject({ before: { photo: { sha256: 's' } }, after: { photo: { sha256: 'b' } } })
    expect(beforeAfter([], [])).toEqual({ before: undefined, after: undefined })
  })

  it('pair the thermal picture with the visible one, thermal on the left', () => {
    const shown = [photo('t', 'thermal'), photo('x', 'overall'), photo('v', 'visible')].map((p) => ({ photo: p }))
    expect(twoOf(shown, 0).map((item) => item?.photo.sha256)).toEqual(['t', 'v'])
    expect(twoOf(shown, 2).map((item) => item?.photo.sha256)).toEqual(['t', 'v'])
    expect(twoOf(shown, 1).map((item) => item?.photo.sha256)).toEqual(['x', 't'])
    expect(twoOf([], 0)).toEqual([undefined, undefined])
  })

  it('give the position with the smallest radius', () => {
    const shown = [
      photo('a', 'visible', { lat: 36.6, lon: 114.5, accuracy_m: 40 }),
      photo('b', 'visible', { lat: 36.7, lon: 114.6, accuracy_m: 4 }),
      photo('c', 'visible'),
    ].map((p) => ({ photo: p }))
    expect(position(shown)?.sha256).toBe('b')
    expect(position([])).toBeUndefined()
  })
})
