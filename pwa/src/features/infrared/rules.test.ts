import { describe, expect, test } from 'vitest'

import catalogue from '@catalogue/dlt664_rules.json'
import vectors from '@vectors/dlt664.json'

import { zhCN } from './zh-CN'
import { judge, readRules, type RawRules, type Reading } from '@/domain/infrared/rules'
import { reason } from '@/domain/infrared/sentence'

const rules = readRules(catalogue as unknown as RawRules)

describe('infrared judgement', () => {
  test.each(vectors.cases.map((one) => [one.name, one] as const))('%s', (_name, { input, output }) => {
    expect(judge(rules, input as unknown as Reading)).toEqual(output)
  })
})

/** The text under a dotted key, or undefined. */
function words(key: string): unknown {
  return key.split('.').reduce<unknown>((node, part) => (node as Record<string, unknown> | undefined)?.[part], zhCN)
}

describe('the reason in words', () => {
  test.each(vectors.cases.map((one) => [one.name, one] as const))('%s has a sentence for every part', (_name, { input }) => {
    const judgement = judge(rules, input as unknown as Reading)
    const said = reason(judgement, rules)
    for (const part of said) {
      const text = words(part.key)
      expect(text, part.key).toBeTypeOf('string')
      const holes = [...String(text).matchAll(/\{(\w+)\}/g)].map((match) => match[1])
      for (const hole of holes) expect({ ...part.args, ...part.words }, `${part.key} ${hole}`).toHaveProperty(hole ?? '')
    }
    for (const flag of judgement.flags) expect(words(`flag.${flag}`), flag).toBeTypeOf('string')
  })
  test('a serious hot spot is told with its limit', () => {
    const said = reason(judge(rules, { row: 'C01', points: [{ label: 'A', temp_c: 86.4 }, { label: 'B', temp_c: 38.1 }], ambient_c: 12 }), rules)
    expect(said.map((part) => part.key)).toEqual(['said.measured_delta', 'said.surface'])
    expect(said[1]?.args.limit).toBe('80')
  })
})
