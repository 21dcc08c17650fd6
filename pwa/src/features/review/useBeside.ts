/**
 * What else this machine knows of the record in hand: earlier records of the same thing, records with the same photos;
 * and what was decided here today.
 *
 * Where to look stands in no index of the database. It is noted in passing, a few packs at a time once the queue stands
 * there; after that only what is new is read. What is shown is read by its ids: a note may be old.
 */
import { computed, onScopeDispose, reactive, shallowRef, watch } from 'vue'

import type { PhotoRef } from '@/api/kinds'
import { dayStart } from '@/domain/format'
import { REVIEWED } from '@/domain/reviewed'
import { behind, findRecords, newest } from '@/sync/passing'
import { useLive } from '@/sync/records'

import { decidedSince } from './queue'
import type { ReviewRec } from './useSubject'

const PACKS = 4
const PAUSE_MS = 20
/** Of one thing or photo so many records are looked at, the last noted. */
const MOST = 50

/** The equipment or meter box that an inspection or a check is about. */
export function thingOf(record: Pick<ReviewRec, 'kind' | 'data'>): string | null | undefined {
  if (record.kind === 'infrared') return (record as Pick<ReviewRec & { kind: 'infrared' }, 'data'>).data.equipment
  return record.kind === 'hazard' ? (record as Pick<ReviewRec & { kind: 'hazard' }, 'data'>).data.meter_box : undefined
}

/** Those of the record itself; a repair's are its steps', and prove nothing else. */
export function photosOf(record: Pick<ReviewRec, 'kind' | 'data'>): readonly PhotoRef[] {
  return record.kind !== 'repair' && 'photos' in record.data ? (record.data.photos ?? []) : []
}

/** `ready`: the queue stands there, what follows may be read. */
export function useBeside(current: () => ReviewRec | undefined, person: () => string, ready: () => boolean) {
  /** Ids of records by the thing they are about and by the hashes of their photos. */
  const notes = new Map<string, string[]>()
  /** How often all that is here was gone through; 0: not yet. */
  const walked = shallowRef(0)
  const decided = reactive(new Map<string, number[]>())
  const last = useLive(newest)
  let at = 0
  let walking = false
  let left = false
  onScopeDispose(() => (left = true))

  function note(key: string | null | undefined, id: string): void {
    if (!key) return
    const ids = notes.get(key)
    if (!ids) notes.set(key, [id])
    else if (!ids.includes(id)) ids.push(id)
  }

  async function walk(): Promise<void> {
    if (walking) return
    walking = true
    const today = dayStart(new Date())
    for (let part = await behind(at, REVIEWED, PACKS); part && !left; part = await behind(at, REVIEWED, PACKS)) {
      for (const row of part.rows as unknown as ReviewRec[]) {
        note(thingOf(row), row.id)
        for (const photo of photosOf(row)) note(photo.sha256, row.id)
        const times = decidedSince(row.log, person(), today)
        if (times.length > 0) decided.set(row.id, times)
        else decided.delete(row.id)
      }
      at = part.no
      await new Promise((done) => setTimeout(done, PAUSE_MS))
    }
    walking = false
    walked.value += 1
  }
  watch([last, ready], ([no, begin]) => {
    if (begin && no !== undefined && no > at) void walk()
    else if (begin && no === 0 && walked.value === 0) walked.value = 1
  }, { immediate: true })

  const ids = computed(() => {
    const it = current()
    if (!it || walked.value === 0) return undefined
    const keys = [thingOf(it), ...photosOf(it).map(({ sha256 }) => sha256)]
    return [...new Set(keys.flatMap((key) => (key ? (notes.get(key) ?? []).slice(-MOST) : [])))].filter((id) => id !== it.id)
  })
  const read = useLive(
    async () => {
      const of = current()?.id
      return { of, records: ids.value?.length ? ((await findRecords(REVIEWED, ids.value)) as ReviewRec[]) : [] }
    },
    () => ids.value,
  )
  return {
    /** The record itself and those beside it; nothing until they are read. */
    records: computed<readonly ReviewRec[]>(() => {
      const it = current()
      return it && walked.value > 0 && read.value?.of === it.id ? [it, ...read.value.records] : []
    }),
    decided,
  }
}
