import { expect, it } from 'vitest'

import { inUse, offered } from './offered'

const NOW = Date.parse('2026-11-26T08:00:00Z')
const unit = (id: string, until?: string | null) => ({ id, data: until === undefined ? {} : { until } })
const all = [unit('open'), unit('never', null), unit('later', '2026-12-01T00:00:00+08:00'), unit('closed', '2026-11-26T16:00:00+08:00')]

it('a unit that is closed, and a person who has left, is offered no more from that moment on', () => {
  expect(offered(all, undefined, NOW).map(({ id }) => id)).toEqual(['open', 'never', 'later'])
  expect(offered(all, null, NOW - 1).map(({ id }) => id)).toEqual(['open', 'never', 'later', 'closed'])
})

it('a record that names one that is over goes on showing it', () => {
  expect(offered(all, 'closed', NOW).map(({ id }) => id)).toEqual(['open', 'never', 'later', 'closed'])
  expect(inUse({ until: '2026-11-26T08:00:00Z' }, NOW)).toBe(false)
})
