/** What this phone tells of itself: counters and ages, no content. The board of phones at the desk shows it. */
import { type Fetch, jsonCall, Problem } from '@/api/client'
import type { components } from '@/api/generated'

import { getMeta, type LogRow, setMeta, type Store } from './db'
import { device as ownDevice } from './outbox'
import { count } from './status'

export type Report = components['schemas']['Report']

const SOON_MS = 60_000
const DUE_MS = 3_600_000
/** Storage is told in such steps: it changes with every photo. */
const STEP = 100 * 2 ** 20
const FAULTS = 20
const FAULT_DAYS = 7

interface Told {
  at: number
  said: string
}

/** Tells the server, when something is new or an hour has passed. A refusal is no reason to stop syncing. */
export async function report(db: Store, call: Fetch, now: Date): Promise<void> {
  const device = await ownDevice(db)
  if (!device.registered) return
  const told = await getMeta<Told>(db, 'reported')
  const age = now.getTime() - (told?.at ?? -Infinity)
  if (age >= 0 && age < SOON_MS) return
  const said = JSON.stringify(await reportOf(db, now))
  if (age >= 0 && age < DUE_MS && told?.said === said) return
  try {
    await call(`/api/v1/devices/${device.id}/report`, jsonCall('PUT', JSON.parse(said)))
  } catch (error) {
    if (!(error instanceof Problem) || error.status === 401) throw error
  }
  await setMeta(db, 'reported', { at: now.getTime(), said } satisfies Told)
}

export async function reportOf(db: Store, now: Date): Promise<Report> {
  const [counts, firstOp, photos, log, storage] = await Promise.all([
    count(db),
    db.outbox.where('status').equals('queued').first(),
    db.photos.where('state').equals('waiting').toArray(),
    db.log.toArray(),
    storageOf(),
  ])
  const firstPhoto = Math.min(...photos.map((photo) => photo.added_at))
  return {
    app_version: __APP_VERSION__,
    records: counts.ops,
    photos: counts.photos,
    photo_bytes: counts.bytes,
    attention: counts.attention,
    records_since: firstOp?.at ?? null,
    photos_since: photos.length > 0 ? new Date(firstPhoto).toISOString() : null,
    ...storage,
    faults: faultsOf(log, now.getTime()),
  }
}

/** The faults of the last days by code, the latest first: what the sync noted, without what it said about content. */
export function faultsOf(log: LogRow[], now: number): NonNullable<Report['faults']> {
  const found = new Map<string, { code: string; count: number; at: number }>()
  for (const row of log) {
    if (!/(broken|refused|failed)$/.test(row.event) || now - row.at > FAULT_DAYS * 86_400_000) continue
    const code = (typeof row.facts.code === 'string' ? `${row.event}:${row.facts.code}` : row.event).toLowerCase()
    if (!/^[a-z0-9_.:]{1,80}$/.test(code)) continue
    const known = found.get(code)
    found.set(code, { code, count: (known?.count ?? 0) + 1, at: Math.max(known?.at ?? 0, row.at) })
  }
  const latest = [...found.values()].sort((a, b) => b.at - a.at).slice(0, FAULTS)
  return latest.map((fault) => ({ ...fault, at: new Date(fault.at).toISOString() }))
}

async function storageOf(): Promise<Pick<Report, 'free_bytes' | 'persistent'>> {
  const storage = globalThis.navigator?.storage
  const [estimate, persistent] = await Promise.all([storage?.estimate?.(), storage?.persisted?.()])
  const free = (estimate?.quota ?? NaN) - (estimate?.usage ?? NaN)
  return { free_bytes: Number.isFinite(free) ? Math.max(0, Math.floor(free / STEP) * STEP) : null, persistent: persistent ?? null }
}
