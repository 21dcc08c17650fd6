/** What a record is called in a list of waiting things. */
import { titleOf } from './names'
import type { KindName } from '@/api/kinds'
import { getRecord, type Rec } from '@/sync/records'

/** The name of the thing it is about: the equipment, the meter box, the place; undefined when not filled in yet. */
export async function subjectOf(record: Rec): Promise<string | undefined> {
  const data = record.data as Record<string, unknown>
  const named = async (kind: KindName, id: unknown) => {
    const found = typeof id === 'string' ? await getRecord(kind, id) : undefined
    const body = found?.data as { name?: string; address?: string; code?: string } | undefined
    return body?.name ?? body?.address ?? body?.code
  }
  return (
    (await named('equipment', data.equipment)) ??
    (await named('meter_box', data.meter_box)) ??
    text(titleOf(data)) ?? text(data.place) ?? text(data.name) ?? text(data.address) ?? text(data.code) ?? text(data.fact)?.slice(0, 40) ?? (await named('unit', data.unit))
  )
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value ? value : undefined
}
