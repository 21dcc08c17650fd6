import { describe, expect, it } from 'vitest'

import type { BaseRow, OutRow, PhotoRow } from './db'
import { fold } from './fold'

const SELF = { id: 'me', name: '王建国' }
const ID = 'r1'

function base(change: Partial<BaseRow> = {}): BaseRow {
  return {
    id: ID, kind: 'infrared', scope: 'u:1', seq: 5, rev: 2, state: 'draft', author: 'me', at: '2026-11-20T00:00:00Z',
    data: { ambient_c: 12, note: 'old' }, facts: {}, log: [], missing: [], ...change,
  }
}

function op(change: Partial<OutRow> = {}): OutRow {
  return {
    seq: 1, device: 'd', n: 1, op: 'put', kind: 'infrared', record: ID, id: ID, type: '', base: 2, at: '2026-11-21T00:00:00Z',
    data: {}, schema: 1, status: 'queued', live: 1, flying: 0, ...change,
  }
}

const submit = (change: Partial<OutRow> = {}) => op({ op: 'event', id: 'e1', type: 'submit', n: 2, seq: 2, ...change })

function photo(change: Partial<PhotoRow> = {}): PhotoRow {
  return { sha256: 'a', size: 1, type: 'image/jpeg', name: null, state: 'waiting', records: [ID], offset: 0, url: null, sending: 0, code: null, added_at: 0, ...change }
}

const view = (row: BaseRow | undefined, ops: OutRow[], photos: PhotoRow[] = []) => fold('infrared', ID, row, ops, photos, SELF)?.view

describe('fold', () => {
  it('shows own operations over the server row, in order', () => {
    const shown = view(base(), [op({ data: { note: 'new' } }), submit()])!
    expect(shown.data).toEqual({ ambient_c: 12, note: 'new' })
    expect(shown.state).toBe('submitted')
    expect(shown.log.at(-1)).toMatchObject({ type: 'submit', pending: true, by_name: '王建国' })
  })

  it('shows a record that the server has never seen', () => {
    expect(view(undefined, [op({ data: { note: 'n' } })])).toMatchObject({ state: 'draft', rev: 0, author: 'me', where: 'local' })
  })

  it('lays an acknowledged operation over the base only until the base has its revision', () => {
    const acked = op({ data: { note: 'mine' }, status: 'acked', rev: 3 })
    expect(view(base({ rev: 2 }), [acked])!.data.note).toBe('mine')
    expect(view(base({ rev: 3, data: { note: 'theirs' } }), [acked])!.data.note).toBe('theirs')
  })

  it('does not show an event twice once the base holds it', () => {
    const acked = submit({ status: 'acked', rev: 3 })
    const entry = { id: 'e1', type: 'submit', at: '', by: 'me', by_name: '', data: {} }
    expect(view(base({ rev: 3, state: 'submitted', log: [entry] }), [acked])!.log).toEqual([entry])
  })

  it('keeps what was typed in sight when the server refused it, but not as a baseline', () => {
    const folded = fold('infrared', ID, base(), [op({ data: { note: 'refused' }, status: 'rejected', code: 'invalid' })], [], SELF)!
    expect(folded.view.data.note).toBe('refused')
    expect(folded.baseline.note).toBe('old')
    expect(folded.view).toMatchObject({ where: 'returned', problems: [{ code: 'invalid' }] })
  })

  it('clears a field with null and keeps the others', () => {
    expect(view(base(), [op({ data: { note: null } as never })])!.data).toEqual({ ambient_c: 12 })
  })

  it('tells a record to be mended from one that is over', () => {
    expect(view(base({ state: 'returned' }), [])!.where).toBe('returned')
    expect(view(base({ state: 'rejected' }), [])!.where).toBe('sent')
  })

  it('shows the server value of a field in conflict', () => {
    const conflict = op({ data: { note: 'mine', ambient_c: 20 }, status: 'conflict', code: 'conflict', rev: 3, conflicts: [{ field: 'note', kept: 'old', refused: 'mine' }] })
    expect(view(base(), [conflict])).toMatchObject({ data: { note: 'old', ambient_c: 20 }, where: 'conflict' })
  })

  it('says where the record lives', () => {
    expect(view(base(), [])!.where).toBe('sent')
    expect(view(base(), [op({ data: { note: 'x' } })])!.where).toBe('local')
    expect(view(base(), [op({ data: { note: 'x' }, flying: 1 })])!.where).toBe('sending')
    expect(view(base(), [], [photo()])!.where).toBe('sending')
    expect(view(base(), [], [photo({ state: 'have' })])!.where).toBe('sent')
    expect(view(base({ state: 'returned' }), [])!.where).toBe('returned')
  })

  it('counts a mended record as waiting, not as returned', () => {
    const ops = [op({ status: 'rejected', code: 'invalid', live: 0 }), op({ data: { note: 'mended' }, seq: 3, n: 3 })]
    expect(view(base({ state: 'returned' }), ops.filter((one) => one.live))!.where).toBe('local')
  })

  it('shows nothing of a deleted draft', () => {
    expect(view(base(), [op({ op: 'delete' })])).toBeUndefined()
  })

  it('ignores an event that the state does not allow', () => {
    expect(view(base({ state: 'accepted' }), [submit()])!.state).toBe('accepted')
  })
})
