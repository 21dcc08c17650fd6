/** The register's columns as people call them, in the order of the server's tables: `importing.SHEETS`. */
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
export const columnsOf = (register: Register): string[] => Object.keys(COLUMNS[register])

export function columnName(register: Register, field: string, english: boolean): string {
  const columns: Record<string, readonly [string, string]> = COLUMNS[register]
  return columns[field]?.[english ? 1 : 0] ?? field
}
