/** What is worked out, as a line that people write: `round((hot - cool) / hot * 100, 1)`. Pure. */
import type { Expression } from '@/domain/sheet/evaluate'

export interface FormulaFault {
  code: 'unknown' | 'unfinished' | 'misplaced'
  /** The word at which it stops making sense. */
  word: string
}
export type Read = { expression: Expression } | { fault: FormulaFault }

const LEVELS = [['or'], ['and'], ['==', '!=', '<', '<=', '>', '>='], ['+', '-'], ['*', '/']] as const
const MANY = new Set(['or', 'and', '+', '*'])
/** How many things each takes. */
const CALLS: Record<string, number> = { round: 2, minutes: 2, count: 2, sum: 2, not: 1, answered: 1 }
/** What people copy from a document, in the signs of this line. */
const COPIED: Record<string, string> = { '×': '*', '÷': '/', '−': '-', '–': '-', '－': '-', '＋': '+', '（': '(', '）': ')', '，': ',', '“': '"', '”': '"', '≤': '<=', '≥': '>=', '≠': '!=' }
const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|"([^"]*)"|([A-Za-z_][A-Za-z0-9_]*)|(==|!=|<=|>=|[-+*/<>(),])|(\S))/gy

type Token = { text: string; value?: number | string; name?: boolean }
class Wrong extends Error {
  constructor(readonly fault: FormulaFault) {
    super(fault.code)
  }
}

function tokens(text: string): Token[] {
  const found: Token[] = []
  const plain = text.trim().replace(/[^ -~]/g, (sign) => COPIED[sign] ?? sign)
  for (const [, number, quoted, name, sign, other] of plain.matchAll(TOKEN)) {
    if (other !== undefined) throw new Wrong({ code: 'misplaced', word: other })
    if (number !== undefined) found.push({ text: number, value: Number(number) })
    else if (quoted !== undefined) found.push({ text: `"${quoted}"`, value: quoted })
    else found.push({ text: (name ?? sign)!, name: name !== undefined })
  }
  return found
}

/** The expression of a line; `known`: names of the questions that it may use. */
export function readFormula(text: string, known: ReadonlySet<string>): Read {
  try {
    const all = tokens(text)
    let at = 0
    const peek = () => all[at]?.text
    const take = (): Token => {
      const token = all[at++]
      if (!token) throw new Wrong({ code: 'unfinished', word: all.at(-1)?.text ?? '' })
      return token
    }
    const expect = (sign: string) => {
      const token = take()
      if (token.text !== sign) throw new Wrong({ code: 'misplaced', word: token.text })
    }
    function level(n: number): Expression {
      if (n === LEVELS.length) return single()
      let left = level(n + 1)
      let open = false // what stands in brackets stays apart
      while (peek() !== undefined && (LEVELS[n] as readonly string[]).includes(peek()!)) {
        const sign = take().text
        const right = level(n + 1)
        left = open && MANY.has(sign) && Array.isArray(left) && left[0] === sign ? ([...left, right] as Expression) : [sign, left, right]
        open = true
      }
      return left
    }
    function single(): Expression {
      const token = take()
      if (token.value !== undefined) return token.value
      if (token.text === '(') {
        const inner = level(0)
        expect(')')
        return inner
      }
      if (token.text === '-') {
        const value = single()
        return typeof value === 'number' ? -value : ['-', 0, value]
      }
      if (!token.name) throw new Wrong({ code: 'misplaced', word: token.text })
      if (peek() === '(' && CALLS[token.text] !== undefined) return called(token.text)
      if (token.text === 'true' || token.text === 'false') return token.text === 'true'
      if (!known.has(token.text)) throw new Wrong({ code: 'unknown', word: token.text })
      return `$${token.text}`
    }
    function called(name: string): Expression {
      expect('(')
      const args: Expression[] = []
      while (peek() !== ')') {
        if (args.length) expect(',')
        args.push(level(0))
      }
      expect(')')
      if (args.length !== CALLS[name]) throw new Wrong({ code: 'misplaced', word: name })
      return [name, ...args]
    }
    const expression = level(0)
    if (at < all.length) throw new Wrong({ code: 'misplaced', word: all[at]!.text })
    return { expression }
  } catch (error) {
    if (error instanceof Wrong) return { fault: error.fault }
    throw error
  }
}

/** The line of an expression, which reads back to the same. */
export function writeFormula(expression: Expression | undefined, outside = 0): string {
  if (expression === null || expression === undefined) return ''
  if (typeof expression === 'string') return expression.startsWith('$') ? expression.slice(1) : `"${expression}"`
  if (!Array.isArray(expression)) return String(expression)
  const [name, ...args] = expression as [string, ...Expression[]]
  const n = LEVELS.findIndex((signs) => (signs as readonly string[]).includes(name))
  if (n < 0) return `${name}(${args.map((arg) => writeFormula(arg)).join(', ')})`
  const line = args.map((arg, i) => writeFormula(arg, i === 0 && !MANY.has(name) ? n : n + 1)).join(` ${name} `)
  return n < outside ? `(${line})` : line
}
