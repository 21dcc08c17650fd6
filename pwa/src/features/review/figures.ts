/** Figures with intervals as they are written. Pure. */
import type { components } from '@/api/generated'

type Estimate = components['schemas']['Estimate']

const minus = (text: string) => text.replace('-', '−')

/** Agreement to two places. */
export function plain({ value, low, high }: Estimate): { value: string; low: string; high: string } {
  const text = (n: number) => minus(n.toFixed(2).replace(/^-(0\.00)$/, '$1'))
  return { value: text(value), low: text(low), high: text(high) }
}

/** A share's difference in percentage points, with its sign. */
export function points({ value, low, high }: Estimate): { value: string; low: string; high: string } {
  const text = (share: number) => {
    const rounded = Math.round(share * 100)
    return rounded > 0 ? `+${rounded}` : minus(String(rounded + 0))
  }
  return { value: text(value), low: text(low), high: text(high) }
}
