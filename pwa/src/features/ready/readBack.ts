/** Reads back, item by item, what a day without a network needs. Nothing in here asks the network. */
import type { PhotoRef } from '@/api/kinds'
import { appFiles, lackingFiles } from '@/app/offline'
import { keptMap, readMap } from '@/domain/basemap/pieces'
import { offBy } from '@/domain/clock'
import type { Todo } from '@/domain/todo'
import { shownHere } from '@/media/small'
import type { AuditResult } from '@/sync/auditDue'
import { skew } from '@/sync/clock'
import { type BaseRow, getMeta, type Store } from '@/sync/db'
import { getRecord } from '@/sync/records'
import { clockLimit, type LeaderStatus } from '@/sync/status'
import type { Remembered } from '@/sync/timing'
import type { Hold } from '@/sync/window'

import { type Found, type Parts, photoSize } from './verdict'

export type Job = Pick<Todo, 'todo' | 'kind' | 'id'>

/** What was fetched last for a round: what has to be found again whenever it is looked for. */
export interface Round {
  /** When the server confirmed the register, ms since 1970. */
  at: number
  /** Ids of all things and names of the areas. */
  register: string[]
  jobs: Job[]
  /** Photos of which the server had no small view. */
  without: string[]
}

const RULES = /^\/assets\/(checklist|meter_box_hazards|dlt664_rules)-/
const REGISTER: readonly BaseRow['kind'][] = ['unit', 'person', 'equipment', 'meter_box']

export const round = (db: Store): Promise<Round | undefined> => getMeta<Round>(db, 'round')

/** Areas with their number of things in the register, as far as this phone knows. */
export async function areas(db: Store): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  for (const { data } of await db.base.ofKinds(['equipment', 'meter_box'])) {
    const unit = data.unit as string
    found.set(unit, (found.get(unit) ?? 0) + 1)
  }
  return found
}

/** Rows of the register of these areas, each read whole; units and people are of all areas. */
export async function registerRows(db: Store, units: readonly string[]): Promise<BaseRow[]> {
  const rows = await db.base.ofKinds(REGISTER)
  return rows.filter((row) => isWhole(row) && (row.kind === 'unit' || row.kind === 'person' || units.includes(row.data.unit as string)))
}

const isWhole = (row: BaseRow): boolean => typeof row.id === 'string' && row.data !== null && typeof row.data === 'object' && Object.keys(row.data).length > 0

/** Hashes of the photos that a job shows. */
export async function photosOf(jobs: readonly Job[]): Promise<string[]> {
  const records = await Promise.all(jobs.map((job) => getRecord(job.kind, job.id)))
  const photos = records.flatMap((record) => ((record?.data as { photos?: PhotoRef[] } | undefined)?.photos ?? []).map((photo) => photo.sha256))
  return [...new Set(photos)]
}

/** The list's facts, read now. `units`: the areas of the round; `jobs`: what is to be done, as the first screen has it. */
export async function readBack(db: Store, units: readonly string[], jobs: readonly Job[], status: LeaderStatus): Promise<Found> {
  const last = await round(db)
  const files = await appFiles()
  const gone = new Set((files ? await lackingFiles(files) : []).map((file) => file.url))
  const parts = (urls: string[]): Parts => ({ all: urls.length, lacking: urls.filter((url) => gone.has(url)).length })
  const urls = files?.files.map((file) => file.url)
  // The page may be here before this start's sync has said a word: then what the last one kept stands.
  const kept = await getMeta<Remembered>(db, 'clock')
  const ahead = status.skew ?? (kept ? skew(kept) : null)
  return {
    app: urls && parts(urls),
    rules: urls && parts(urls.filter((url) => RULES.test(url))),
    register: await readRegister(db, units, last),
    jobs: await readJobs(db, jobs, last),
    map: 'caches' in globalThis ? await readMap(await keptMap()) : undefined,
    space: await readSpace(db),
    persisted: await navigator.storage?.persisted?.(),
    clock: { known: ahead !== null, off: offBy(ahead, clockLimit()) },
  }
}

async function readRegister(db: Store, units: readonly string[], last: Round | undefined): Promise<Found['register']> {
  const [rows, held, audited] = await Promise.all([registerRows(db, units), getMeta<Hold>(db, 'held'), getMeta<AuditResult>(db, 'audit')])
  const here = new Set(rows.map((row) => row.id))
  const mine = new Set(units)
  // Things of areas that are not of this round are not looked for.
  const ids = last?.register ?? []
  const known = await db.base.some(ids)
  const lacking = ids.filter((id) => {
    const row = known.get(id)
    return !here.has(id) && (!row || !isWhole(row) || mine.has(row.data.unit as string))
  }).length
  const compared = last && audited && audited.state !== 'open' && audited.state !== 'first' ? Math.max(last.at, audited.at) : undefined
  return {
    all: here.size,
    lacking,
    things: rows.filter((row) => row.kind === 'equipment' || row.kind === 'meter_box').length,
    comparedAt: compared,
    left_out: held !== undefined && (held.registers === 'none' || (held.registers === 'near' && units.some((unit) => `u:${unit}` !== held.own))),
  }
}

async function readJobs(db: Store, jobs: readonly Job[], last: Round | undefined): Promise<Found['jobs']> {
  const open = jobs.filter((job) => job.todo !== 'draft' && job.todo !== 'amend') // a draft is on this phone alone
  let lacking = 0
  for (const job of open) if (!(await jobIsHere(db, job))) lacking += 1
  const photos = await photosOf(open)
  const shown = await shownHere(db, photos)
  const without = photos.filter((sha256) => !shown.has(sha256) && last?.without.includes(sha256))
  return { all: open.length, lacking, photos: { all: photos.length, lacking: photos.length - shown.size - without.length }, without: without.length }
}

/** The record and the thing that it is about. */
async function jobIsHere(db: Store, { kind, id }: Job): Promise<boolean> {
  const record = await getRecord(kind, id)
  if (!record) return false
  const { equipment, meter_box: box } = record.data as { equipment?: string | null; meter_box?: string | null }
  const things = [equipment, box].filter((one): one is string => typeof one === 'string')
  return (await db.base.some(things)).size === new Set(things).size
}

async function readSpace(db: Store): Promise<Found['space']> {
  if (!navigator.storage?.estimate) return undefined
  const { usage = 0, quota = 0 } = await navigator.storage.estimate()
  const sizes = (await db.photos.toArray()).map((photo) => photo.size)
  return { free: quota - usage, photo: photoSize(sizes) }
}
