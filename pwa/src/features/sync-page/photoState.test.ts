import { expect, test } from 'vitest'

import { standOf } from './photoState'

const photo = { state: 'waiting', sending: 0, offset: 0 } as const

test('a photo’s state: what needs a person first, then what moves, then what holds it', () => {
  expect(standOf({ ...photo, state: 'refused', sending: 1 }, true, 'wifi')).toBe('refused')
  expect(standOf({ ...photo, sending: 1 }, false, 'wifi')).toBe('sending')
  expect(standOf(photo, true, 'wifi')).toBe('record_first')
  expect(standOf(photo, false, 'wifi')).toBe('wifi')
  expect(standOf({ ...photo, urgent: 1 }, false, 'wifi')).toBe('waiting')
  expect(standOf({ ...photo, offset: 5 }, false, null)).toBe('part')
  expect(standOf(photo, false, null)).toBe('waiting')
})
