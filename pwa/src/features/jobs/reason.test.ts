import { expect, it } from 'vitest'

import { reasonOf } from './reason'

it.each([
  ['DecoderLost: crashed at 12ab', 'crashed'],
  ['DecoderLost: timeout at 12ab', 'timeout'],
  ['MediaError: store_unavailable', 'store'],
  ['KeyError: sha256', undefined],
])('says why a job failed: %s', (error, reason) => {
  expect(reasonOf(error)).toBe(reason)
})
