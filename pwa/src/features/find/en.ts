import type { zhCN } from './zh-CN'

export const en = {
  title: 'Find',
  search: 'Number, name, line, address',
  hint: 'Equipment and meter boxes are on this phone; no signal needed.',
  total: '{n} found',
  none: 'Nothing found',
  none_text: 'Try another word, or part of the number.',
  equipment: 'Equipment',
  box: 'Meter box',
  defects: '{n} open defects',
} satisfies typeof zhCN
