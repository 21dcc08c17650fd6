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

/** All that somebody may type or scan to find it: its own name and number, those of the thing it is about. */
export async function wordsOf(record: Rec): Promise<string> {
  const data = record.data as Record<string, unknown>
  const of = async (kind: KindName, id: unknown) => (typeof id === 'string' ? (await getRecord(kind, id))?.data : undefined) as Record<string, unknown> | undefined
  const things = [data, await of('equipment', data.equipment), await of('meter_box', data.meter_box)]
  return things.flatMap((thing) => [thing?.name, thing?.address, thing?.code, thing?.title, thing?.place]).map(text).filter(Boolean).join(' ')
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value ? value : undefined
}
