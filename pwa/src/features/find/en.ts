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
  more: 'Only the first {n} are listed; one more word narrows it down.',
  gone: 'This is not on the phone',
  gone_text: 'It may not have arrived yet, or belongs to a unit that is not yours.',
  last: 'Last graded {when}',
  never: 'No graded record of it on this phone',
  open: 'Open defects',
  until: 'due {when}',
  mine: 'What I recorded',
  start: { infrared: 'Inspect it', hazard: 'Record a hazard' },
  facts: { name: 'Name', address: 'Address', lat: 'Latitude', lon: 'Longitude', code: 'Number', unit: 'Unit', line: 'Line', area: 'Supply area', type: 'Type', voltage: 'Voltage', rated: 'Rated current', material: 'Material', positions: 'Meters', ownership: 'Ownership', seal: 'Seal', owner: 'Owner' },
  types: { transformer: 'Transformer', switch: 'Switch', breaker: 'Breaker', joint: 'Joint or clamp', cable: 'Cable', arrester: 'Surge arrester', insulator: 'Insulator', instrument: 'Instrument transformer', capacitor: 'Capacitor', bushing: 'Bushing', other: 'Other' },
} satisfies typeof zhCN
