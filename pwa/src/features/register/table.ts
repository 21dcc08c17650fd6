/** What the check of a table says, and the empty table to begin with. */
import type { components } from '@/api/generated'
import { columnName, columnsOf, type Register } from '@/domain/columns'

export type Plan = components['schemas']['ImportPlan']
export type Bad = components['schemas']['BadCell']

/** The titles alone, with the mark by which Excel knows UTF-8. */
export const emptyTable = (register: Register, english: boolean): string => `\uFEFF${columnsOf(register).map((field) => columnName(register, field, english)).join(',')}\r\n`
