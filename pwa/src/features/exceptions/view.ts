/** An exception in words: what it is about, its fields by their names, who wrote which value. */
import { has, problemText, t } from '@/app/i18n'
import type { KindName } from '@/api/kinds'
import { RULES } from '@/api/rules'
import { fieldName, fieldValue, type Words } from '@/domain/facts'
import { getRecord, type Rec } from '@/sync/records'

import { type Choice, type Exceptional, severalFields } from '@/domain/exceptions'

export interface Line {
  field: string
  name: string
  value: string
}

/** The record, as this machine holds it; what it does not hold is built from what was sent. */
export async function recordOf(one: Exceptional): Promise<Rec | undefined> {
  if (!one.kind || !(one.kind in RULES)) return undefined
  const held = one.record ? await getRecord(one.kind, one.record) : undefined
  return (held as Rec | undefined) ?? stub(one, one.kind)
}

function stub(one: Exceptional, kind: KindName): Rec {
  return {
    id: one.record, kind, state: one.state, author: null, data: { ...sent(one), ...one.now }, facts: {}, log: [], rev: one.rev, at: one.received_at,
    missing: [], where: 'sent', problems: [], photoCount: 0, photosWaiting: 0,
  } as unknown as Rec
}

/** The fields that were sent; nothing where the operation could not be read. */
export function sent(one: Exceptional): Record<string, unknown> {
  const data = one.payload?.data
  return typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as Record<string, unknown>) : {}
}

/** What was sent, field by field; photos by their number. */
export function lines(one: Exceptional, record: Rec | undefined, words: Words): Line[] {
  return Object.entries(sent(one)).map(([field, value]) => ({
    field,
    name: record ? fieldName(record, field, words) : field,
    value: field === 'photos' && Array.isArray(value) ? t('record.photos', { n: value.length }) : record && typeof value !== 'object' ? fieldValue(record, field, value, words) : shown(record, field, value, words),
  }))
}

function shown(record: Rec | undefined, field: string, value: unknown, words: Words): string {
  try {
    return record ? fieldValue(record, field, value, words) : JSON.stringify(value)
  } catch {
    return JSON.stringify(value) // of a shape that this field never has: that is why it was refused
  }
}

export function kindName(one: Exceptional): string {
  return one.kind && has(`exceptions.kind.${one.kind}`) ? t(`exceptions.kind.${one.kind}`) : t('exceptions.unread')
}

/** What was to be done: 「提交」, 「修改」, 「删除」. */
export function deedOf(one: Exceptional): string {
  if (one.op === 'event') {
    const type = String(one.payload?.type ?? '')
    return has(`record.event.${type}`) ? t(`record.event.${type}`) : type
  }
  return t(one.op === 'delete' ? 'exceptions.delete' : one.op === 'put' ? 'exceptions.change' : 'exceptions.unread')
}

/** Why it stands here, as a sentence. */
export function whyOf(one: Exceptional): string {
  if (one.what === 'revived') return t('exceptions.revived')
  if (one.what === 'conflict') return t(one.op === 'delete' ? 'exceptions.delete_lost' : one.conflicts.length > 1 ? 'exceptions.each' : 'exceptions.both')
  return problemText(one.code)
}

export function issueText(code: string): string {
  const key = `sync-page.issueText.${code}`
  return has(key) ? t(key) : code
}

/** Whether "deleted" is the value that lost. */
export function aDelete(one: Exceptional): boolean {
  return one.what === 'revived' || one.op === 'delete'
}

/** What a button says that settles it. */
export function choiceLabel(one: Exceptional, choice: Choice): string {
  if (choice === 'let_be') return t('exceptions.let_be')
  if (aDelete(one)) return t(choice === 'keep' ? 'exceptions.keep_record' : 'exceptions.take_delete')
  return t(severalFields(one) ? `exceptions.all.${choice}` : `exceptions.${choice}`)
}
