import { expect, test } from 'vitest'

import { type Facts, troubles } from './trouble'

const fine: Facts = { phase: 'idle', unsent: 0, used: 0.1, noRoom: false, kept: true, elsewhere: false, left: 0, keyLost: false }
const of = (change: Partial<Facts>) => troubles({ ...fine, ...change })

test('nothing is said when nothing is wrong, or not known to be', () => {
  expect(of({})).toEqual([])
  expect(of({ used: undefined, kept: undefined })).toEqual([])
})

test('room: from 70 % it is said, from 85 % it is urgent', () => {
  expect([of({ used: 0.699 }), of({ used: 0.7 }), of({ used: 0.849 }), of({ used: 0.85 })]).toEqual([[], ['filling'], ['filling'], ['full']])
})

test('what did not fit is said whatever the browser thinks of its room', () => {
  expect(of({ noRoom: true, used: 0.1 })).toEqual(['no_room'])
  expect(of({ noRoom: true, used: 0.9 })).toEqual(['no_room'])
})

test('an ended sign-in and storage that is not kept matter while something is only here', () => {
  expect([of({ phase: 'signin' }), of({ kept: false })]).toEqual([[], []])
  expect(of({ phase: 'signin', kept: false, unsent: 1 })).toEqual(['signin', 'not_kept'])
})

test('the most urgent comes first', () => {
  expect(of({ keyLost: true, left: 1, elsewhere: true, used: 0.9, phase: 'old' })).toEqual(['old', 'full', 'other_tab', 'left', 'key'])
})
