import type { zhCN } from './zh-CN'

export const en = {
  title: 'My points',
  balance: 'Points this year',
  to_cap: '{n} point to the cap of {cap} | {n} points to the cap of {cap}',
  at_cap: 'The cap is reached: off-post training',
  none: 'No points',
  none_text: 'Confirmed violations are listed here with their evidence. Nobody else sees them.',
  line: 'Base {base}, modifiers {modifiers}, counts {points}',
  no_modifier: 'none',
  sum: 'Sum {n}',
  decided: 'Confirmed by {name}',
  rule: 'Rule {rule} · entry {n}',
} satisfies typeof zhCN
