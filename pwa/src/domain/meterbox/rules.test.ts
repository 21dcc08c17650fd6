import { describe, expect, test } from 'vitest'

import hazards from '@catalogue/meter_box_hazards.json'
import vectors from '@vectors/hazards.json'

import { rate } from './rules'

describe('rating of a meter box', () => {
  test.each(vectors.cases.map((one) => [one.name, one] as const))('%s', (_name, { input, output }) => {
    const rating = rate(hazards, input.items, input.ownership, input.found_at)
    expect({ ...rating, deadline_at: rating?.deadline_at.replace('.000Z', 'Z') }).toEqual(output)
  })
  test('there is no rating while nothing is chosen', () => {
    expect(rate(hazards, [], 'utility', '2026-11-23T08:30:00Z')).toBeUndefined()
  })
})
