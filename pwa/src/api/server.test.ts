import { describe, expect, it } from 'vitest'

import { address } from './server'

describe('address', () => {
  it('fills the path and puts the rest into the query', () => {
    expect(address('/api/v1/points/people/{person}', { person: 'a b' })).toBe('/api/v1/points/people/a%20b')
    expect(address('/api/v1/points/ledger', { after: 3, limit: 500 })).toBe('/api/v1/points/ledger?after=3&limit=500')
    expect(address('/api/v1/session')).toBe('/api/v1/session')
  })
})
