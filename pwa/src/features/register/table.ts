/** What the check of a table says, and the empty table to begin with. */
import type { components } from '@/api/generated'

export type Plan = components['schemas']['ImportPlan']
export type Bad = components['schemas']['BadCell']

/** As the server calls the columns, in its order: `importing.SHEETS`. */
const COLUMNS = {
  equipment: {
    code: ['编号', 'Number'], name: ['名称', 'Name'], unit: ['单位', 'Unit'], line: ['线路', 'Line'], type: ['类型', 'Type'], row: ['发热部位', 'Row'],
    voltage_kv: ['电压kV', 'Voltage kV'], area_name: ['台区', 'Area'], rated_a: ['额定电流A', 'Rated A'], lat: ['纬度', 'Latitude'], lon: ['经度', 'Longitude'],
  },
  meter_box: {
    code: ['编号', 'Number'], unit: ['单位', 'Unit'], area_name: ['台区', 'Area'], address: ['地址', 'Address'], material: ['材质', 'Material'],
    positions: ['表位', 'Meter places'], ownership: ['产权', 'Ownership'], seal: ['封印', 'Seal'], lat: ['纬度', 'Latitude'], lon: ['经度', 'Longitude'],
  },
} as const

export type Register = keyof typeof COLUMNS
export const REGISTERS = Object.keys(COLUMNS) as Register[]

export function columnName(register: Register, field: string, english: boolean): string {
  const columns: Record<string, readonly [string, string]> = COLUMNS[register]
  return columns[field]?.[english ? 1 : 0] ?? field
}

/** The titles alone, with the mark by which Excel knows UTF-8. */
export const emptyTable = (register: Register, english: boolean): string => `\uFEFF${Object.keys(COLUMNS[register]).map((field) => columnName(register, field, english)).join(',')}\r\n`
