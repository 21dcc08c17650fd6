import { expect, it } from 'vitest'

import { aboutOf } from './aboutOf'

it('says what, where, who and which record, a line each, and leaves out what is not known', () => {
  const all = { title: 'CH-0001', unit: 'Chengguan', person: 'Wang', kind: 'Infrared', id: '0193' }
  expect(aboutOf(all)).toEqual(['CH-0001', 'Chengguan · Wang', 'Infrared 0193'])
  expect(aboutOf({ ...all, title: '', unit: undefined })).toEqual(['Wang', 'Infrared 0193'])
})
