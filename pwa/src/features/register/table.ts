/** What the check of a table says, and the empty table to begin with. */
import type { components } from '@/api/generated'

export type Plan = components['schemas']['ImportPlan']
export type Bad = components['schemas']['BadCell']

/** As the server calls the columns, in its order: `importing.HEADERS`. */
const COLUMNS = {
  code: ['编号', 'Number'], name: ['名称', 'Name'], unit: ['单位', 'Unit'], line: ['线路', 'Line'], type: ['类型', 'Type'], row: ['发热部位', 'Row'],
  voltage_kv: ['电压kV', 'Voltage kV'], area_name: ['台区', 'Area'], rated_a: ['额定电流A', 'Rated A'], lat: ['纬度', 'Latitude'], lon: ['经度', 'Longitude'],
} as const

export const columnName = (field: string, english: boolean): string => COLUMNS[field as keyof typeof COLUMNS]?.[english ? 1 : 0] ?? field

/** The titles alone, with the mark by which Excel knows UTF-8. */
export const emptyTable = (english: boolean): string => `\uFEFF${Object.keys(COLUMNS).map((field) => columnName(field, english)).join(',')}\r\n`
