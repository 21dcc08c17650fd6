import { expect, test } from 'vitest'

import { aimed, type Code, meant, numbers } from './codes'

const square = (text: string, x: number, y: number): Code => ({ text, corners: [{ x, y }, { x: x + 10, y }, { x: x + 10, y: y + 10 }, { x, y: y + 10 }] })

test('of several codes the one under the cross is meant', () => {
  const codes = [square('left', 0, 50), square('right', 90, 50), square('mid', 48, 46)]
  expect(aimed(codes, { x: 52, y: 50 })?.text).toBe('mid')
  expect(aimed(codes, { x: 99, y: 50 })?.text).toBe('right')
  expect(aimed([], { x: 0, y: 0 })).toBeUndefined()
})

test('a label may carry the number, or an address that names it', () => {
  expect(numbers(' CG-10-027 ')).toEqual(['CG10027'])
  expect(numbers('https://label.example/box?no=ＪＬ-00123&x=1')).toContain('JL00123')
  expect(numbers('http://label.example/b/CG-10-027/')).toContain('CG10027')
  expect(numbers('https://label.example/%E0%A4%A')).toEqual(expect.arrayContaining(['E0A4A']))
  expect(numbers('  ')).toEqual([])
})

test('a code means a thing only by its whole number', () => {
  const things = [{ code: 'CG-10-027' }, { code: 'CG-10-0271' }, { code: 'JL-1' }]
  expect(meant(things, 'cg10 027')).toEqual([things[0]])
  expect(meant(things, 'CG-10-02')).toEqual([])
  expect(meant(things, 'https://x.example/q?no=JL-1')).toEqual([things[2]])
})
