import { describe, expect, it } from 'vitest'

import vectors from '@vectors/marks.json'

import { mark } from './kept'

type Row = Parameters<typeof mark>[0]

describe('the mark of an operation', () => {
  it.each(vectors.cases)('is that of the vectors: $about', async ({ op, mark: wanted }) => {
    const row = { type: '', ...op, record: 'subject' in op ? op.subject : op.id } as Row
    expect(await mark(row)).toBe(wanted)
  })
})
