import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { reasonKey } from '@/domain/thermal/reasons'

import { en } from './en'
import { zhCN } from './zh-CN'

test('every reason of the server has words in both languages', () => {
  const source = readFileSync(new URL('../../../../media/radiometry/model.py', import.meta.url), 'utf8')
  const codes = [...source.slice(source.indexOf('REASONS = {'), source.indexOf('class Unreadable')).matchAll(/^ {4}"(\w+)": /gm)].map((match) => match[1]!)
  expect(codes.length).toBeGreaterThan(20)
  for (const code of [...codes, 'no_temperatures', 'something_of_a_newer_server']) {
    const key = reasonKey(code) as keyof typeof zhCN.measure.reason
    expect(zhCN.measure.reason[key], code).toBeTypeOf('string')
    expect(en.measure.reason[key], code).toBeTypeOf('string')
  }
  expect(reasonKey('hikmicro_raw')).toBe('hikmicro_raw')
  expect(reasonKey('power_block_note')).toBe('power_block_damaged')
})
