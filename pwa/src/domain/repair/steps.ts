/** A repair's steps as they stand, each with its amendments: what was said at first stays beside. Pure. */
import type { Entry, Finding, PhotoRef } from '@/api/kinds'

import { type Milestone, MILESTONES } from './clock'

/** What a step says in words. */
export const SAID = { locate: 'cause', repair: 'measure', restore: 'note' } as const

export interface StepAmendment {
  entry: Entry
  /** The step's words before and after; equal when only photos came. */
  before: string
  after: string
  /** How many photos it brought. */
  added: number
}

export interface Step {
  entry: Entry
  name: Milestone
  /** Its words as they stand now. */
  said: string
  photos: PhotoRef[]
  /** Of who was there when power was back. */
  signature?: NonNullable<Finding['signature']> | undefined
  amendments: StepAmendment[]
}

function photosOf(entry: Entry): PhotoRef[] {
  return Array.isArray(entry.data?.photos) ? (entry.data.photos as PhotoRef[]) : []
}

function wordsOf(entry: Entry, name: Milestone): string {
  const word = entry.data?.[SAID[name as keyof typeof SAID]]
  return typeof word === 'string' ? word : ''
}

/** The steps in order. An amendment belongs to the last step of its name before it. */
export function stepsOf(log: readonly Entry[]): Step[] {
  const steps: Step[] = []
  for (const entry of log) {
    if (MILESTONES.includes(entry.type as Milestone)) {
      const name = entry.type as Milestone
      steps.push({ entry, name, said: wordsOf(entry, name), photos: photosOf(entry), signature: (entry.data?.signature ?? undefined) as Step['signature'], amendments: [] })
    }
    const step = entry.type === 'amend' ? steps.findLast(({ name }) => name === entry.data?.step) : undefined
    if (!step) continue
    const known = new Set(step.photos.map(({ sha256 }) => sha256))
    const fresh = photosOf(entry).filter(({ sha256 }) => !known.has(sha256))
    const after = wordsOf(entry, step.name) || step.said
    step.amendments.push({ entry, before: step.said, after, added: fresh.length })
    step.said = after
    step.photos = [...step.photos, ...fresh]
  }
  return steps
}

/** The step of that name that an amendment would correct. */
export function lastStep(log: readonly Entry[], name: string): Step | undefined {
  return stepsOf(log).findLast((step) => step.name === name)
}

export const VIEWS = ['before', 'during', 'after'] as const
export type View = (typeof VIEWS)[number]

export interface ViewFrame {
  role: View
  photos: PhotoRef[]
  /** taken: there is a photo. now: the next step asks for it. later: a step to come. passed: its step went by without. */
  state: 'taken' | 'now' | 'later' | 'passed'
}

/** A frame for the photos before, during and after the work: those of steps noted and those in the form. `now` is the next step's, none when all is done. */
export function framesOf(steps: readonly Step[], form: readonly PhotoRef[], now: View | undefined): ViewFrame[] {
  const all = [...steps.flatMap(({ photos }) => photos), ...form]
  const at = now === undefined ? VIEWS.length : VIEWS.indexOf(now)
  return VIEWS.map((role, i) => {
    const photos = all.filter((photo) => photo.role === role)
    return { role, photos, state: photos.length > 0 ? 'taken' : i === at ? 'now' : i > at ? 'later' : 'passed' }
  })
}

/** The photo whose view the one after takes again: of before the work, else what was found (`source`); a thermal picture last. */
export function beforeOf(steps: readonly Step[], source: readonly PhotoRef[]): PhotoRef | undefined {
  const taken = steps.flatMap(({ photos }) => photos).find(({ role }) => role === 'before')
  return taken ?? source.find(({ role, copy_of }) => role !== 'thermal' && !copy_of)
}

/** Whether what is shown as the state after the work is a file that was already shown as the state before or during it. */
export function provesNothing(photos: readonly PhotoRef[]): boolean {
  const after = new Set(photos.filter(({ role }) => role === 'after').map(({ sha256 }) => sha256))
  return photos.some(({ role, sha256 }) => role !== 'after' && after.has(sha256))
}
