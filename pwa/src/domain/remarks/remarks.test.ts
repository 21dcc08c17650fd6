import { describe, expect, it } from 'vitest'

import { eventNamed } from '@/api/rules'

import { answeredRemarks, between, FIELDS, inputOf, LEAST, MIDDLE, nudged, type Remark, sentAnswers, unanswered } from './remarks'

const remarks: Remark[] = [
  { text: '没有对准', photo: 'a'.repeat(64), region: { x: 0.1, y: 0.1, w: 0.2, h: 0.2 } },
  { text: '请核对', field: 'ambient_c' },
]
const entry = (type: string, data: object = {}) => ({ type, data: data as never })

describe('remarks', () => {
  it('stand beside the answers of the next submission, and of no other', () => {
    const back = entry('return', { reason: 'x', remarks })
    expect(answeredRemarks([entry('submit'), back]).map((one) => [one.answer, one.handedIn])).toEqual([[undefined, false], [undefined, false]])
    const log = [entry('submit', { answers: [{ remark: 0 }] }), back, entry('open'), entry('submit', { answers: [{ remark: 1, text: '28 度' }] })]
    expect(answeredRemarks(log).map((one) => one.answer?.text)).toEqual([undefined, '28 度'])
    expect(answeredRemarks([...log, entry('return', { reason: 'y' })])).toEqual([])
  })

  it('count as answered when they are marked, with or without words', () => {
    expect(unanswered(remarks, {})).toEqual([0, 1])
    expect(unanswered(remarks, { 0: { done: true, text: '' }, 1: { done: false, text: 'later' } })).toEqual([1])
    expect(sentAnswers(remarks, { 0: { done: true, text: ' ' }, 1: { done: true, text: ' 28 ' } })).toEqual([{ remark: 0 }, { remark: 1, text: '28' }])
  })

  it('lead to an input or to the frame of their photo', () => {
    const roles = new Map([['b'.repeat(64), 'visible'], ['a'.repeat(64), 'thermal']])
    expect(remarks.map((remark) => inputOf(remark, roles))).toEqual(['thermal', 'ambient_c'])
    expect(inputOf({ text: 'x', field: 'points' }, roles)).toBe('temp-0')
    expect(inputOf({ text: 'x', photo: 'f'.repeat(64) }, roles)).toBe('visible')
  })

  it('are pinned to fields that an amendment or a form knows', () => {
    for (const kind of ['infrared', 'hazard'] as const) {
      const amends = eventNamed(kind, 'amend')!.amends
      expect(amends.filter((field) => !FIELDS[kind]!.includes(field) && !['measured', 'reflected_c'].includes(field))).toEqual([])
    }
  })
})

describe('a rectangle', () => {
  it('lies between two corners in any order, within the picture', () => {
    expect(between({ x: 0.5, y: 0.75 }, { x: 0.25, y: 0.25 })).toEqual({ x: 0.25, y: 0.25, w: 0.25, h: 0.5 })
    expect(between({ x: 0.5, y: 0.5 }, { x: 7, y: -7 })).toEqual({ x: 0.5, y: 0, w: 0.5, h: 0.5 })
    expect(between({ x: 0.5, y: 0.5 }, { x: 0.5 + LEAST / 2, y: 0.9 })).toBeUndefined()
  })

  it('is moved and stretched by keys and never leaves the picture', () => {
    let region = MIDDLE
    for (let n = 0; n < 100; n++) region = nudged(region, 'ArrowRight', false)
    expect(region.x + region.w).toBeCloseTo(1)
    for (let n = 0; n < 100; n++) region = nudged(nudged(region, 'ArrowDown', true), 'ArrowLeft', true)
    expect(region.y + region.h).toBeCloseTo(1)
    expect(region.w).toBeCloseTo(LEAST)
    for (let n = 0; n < 100; n++) region = nudged(nudged(region, 'ArrowUp', false), 'ArrowLeft', false)
    expect([region.x, region.y]).toEqual([0, 0])
  })
})
