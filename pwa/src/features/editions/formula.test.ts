import { describe, expect, it } from 'vitest'

import { calc, type Expression } from '@/domain/sheet/evaluate'

import { readFormula, writeFormula } from './formula'

const known = new Set(['hot', 'cool', 'from_at', 'to_at', 'seals', 'number', 'kind'])
const read = (text: string) => {
  const found = readFormula(text, known)
  if ('fault' in found) throw new Error(`${found.fault.code} ${found.fault.word}`)
  return found.expression
}
const fault = (text: string) => {
  const found = readFormula(text, known)
  return 'fault' in found ? `${found.fault.code} ${found.fault.word}` : 'none'
}

describe('what is worked out', () => {
  it('is read as people write it', () => {
    expect(read('round((hot - cool) / hot * 100, 1)')).toEqual(['round', ['*', ['/', ['-', '$hot', '$cool'], '$hot'], 100], 1])
    expect(read('hot + cool + 3')).toEqual(['+', '$hot', '$cool', 3])
    expect(read('hot - cool - 3')).toEqual(['-', ['-', '$hot', '$cool'], 3])
    expect(read('count(seals, kind == "lead" and number > 2)')).toEqual(['count', '$seals', ['and', ['==', '$kind', 'lead'], ['>', '$number', 2]]])
    expect(read('minutes(from_at，to_at) ÷ 60')).toEqual(['/', ['minutes', '$from_at', '$to_at'], 60])
    expect(read('-2 * -hot')).toEqual(['*', -2, ['-', 0, '$hot']])
    expect(calc(read('round((hot - cool) / hot * 100, 1)'), { hot: 80, cool: 30 })).toBe(62.5)
  })

  it('is written so that it reads back to the same', () => {
    const all: Expression[] = [
      ['-', '$hot', ['-', '$cool', 3]], ['-', ['-', '$hot', '$cool'], 3], ['/', '$hot', ['*', '$cool', 2]], ['*', ['+', '$hot', '$cool', 1], 2], ['+', ['+', '$hot', '$cool'], 1],
      ['sum', '$seals', '$number'], ['or', ['and', ['>', '$hot', 1.5], ['not', ['answered', '$cool']]], ['==', '$kind', 'x']], ['and', ['or', true, false], true], ['*', '$hot', -3], 7,
    ]
    for (const one of all) expect(read(writeFormula(one)), writeFormula(one)).toEqual(one)
    expect(writeFormula(null)).toBe('')
  })

  it('says at which word it stops making sense', () => {
    expect(fault('hot + warm')).toBe('unknown warm')
    expect(fault('hot +')).toBe('unfinished +')
    expect(fault('')).toBe('unfinished ')
    expect(fault('hot cool')).toBe('misplaced cool')
    expect(fault('hot ? 2')).toBe('misplaced ?')
    expect(fault('round(hot)')).toBe('misplaced round')
    expect(fault('(hot')).toBe('unfinished hot')
  })
})
