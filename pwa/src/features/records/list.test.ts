import { describe, expect, it } from 'vitest'

import { BLOCK, blocksOf, changed, direction, exportAddress, fromQuery, fromText, laterAddress, sorted, statesOf, toText, wayOf } from './list'

describe('the list in the address', () => {
  it('is read back as it was written', () => {
    const asked = { kind: 'infrared', status: 'submitted', q: '城关 12#&=', since: '2026-11-01', sort: '-grade' }
    expect(fromText(toText(asked))).toEqual(asked)
  })
  it('leaves out what is empty, unknown or given twice', () => {
    expect(fromQuery({ kind: ['a', 'repair'], q: '', page: '3', unit: null })).toEqual({ kind: 'repair' })
  })
  it('forgets the state with the kind that it belongs to', () => {
    const asked = { kind: 'infrared', status: 'submitted', q: 'x' }
    expect(changed(asked, { kind: 'repair' })).toEqual({ kind: 'repair', q: 'x' })
    expect(changed(asked, { q: '' })).toEqual({ kind: 'infrared', status: 'submitted' })
    expect(changed(asked, { kind: 'infrared' })).toEqual(asked)
  })
  it('turns a column round at the second click', () => {
    const worst = sorted({}, 'grade')
    expect(worst).toEqual({ sort: '-grade' })
    expect(sorted(worst, 'grade')).toEqual({ sort: 'grade' })
    expect(sorted({}, 'at')).toEqual({ sort: 'at' })
    expect(sorted({ sort: 'at' }, 'at')).toEqual({})
    expect(direction({}, 'at')).toBe('descending')
    expect(direction({ sort: 'grade' }, 'grade')).toBe('ascending')
    expect(direction({ sort: 'grade' }, 'at')).toBe('none')
  })
})

describe('a file of the list', () => {
  it('has the same conditions, and names what was chosen', () => {
    expect(exportAddress('csv', { kind: 'repair', sort: '-grade' }, [], 'zh-CN')).toBe('/api/v1/exports/records.csv?kind=repair&sort=-grade&lang=zh')
    expect(exportAddress('photos', {}, ['a', 'b'], 'en')).toBe('/api/v1/exports/photos.zip?ids=a%2Cb&lang=en')
  })

  it('long files are made in the background, and what is too long is not offered', () => {
    expect(wayOf('csv', 20_000)).toBe('direct')
    expect(wayOf('csv', 1_000_000)).toBe('later')
    expect(wayOf('dossier', 20)).toBe('direct')
    expect(wayOf('dossier', 200)).toBe('later')
    expect(wayOf('dossier', 201)).toBe('too_many')
    expect(laterAddress('photos', { kind: 'repair' }, ['a'], 'en')).toBe('/api/v1/exports?kind=repair&ids=a&lang=en&what=photos')
  })
})

describe('states', () => {
  it('are those that the kind can be in, without drafts', () => {
    expect(statesOf('infrared')).toEqual(['submitted', 'accepted', 'returned', 'rejected'])
    expect(statesOf('violation')).toEqual(['proposed', 'confirmed', 'dismissed'])
    expect(statesOf('infrared,hazard')).toEqual([])
    expect(statesOf(undefined)).toEqual([])
  })
})

describe('what is fetched', () => {
  it('are the blocks in which the rows lie that are drawn', () => {
    expect(blocksOf({ first: 0, end: 12 })).toEqual([0])
    expect(blocksOf({ first: BLOCK - 1, end: BLOCK + 1 })).toEqual([0, 1])
    expect(blocksOf({ first: BLOCK, end: 2 * BLOCK })).toEqual([1])
    expect(blocksOf({ first: 0, end: 0 })).toEqual([])
  })
})
