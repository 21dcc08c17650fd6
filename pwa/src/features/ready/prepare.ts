/** Fetches what a day without a network needs and is not here. What it did is told by reading it back, not by this. */
import { Problem, Unreachable } from '@/api/client'
import { appFiles, fetchFiles, lackingFiles } from '@/app/offline'
import { fetchMap, keptMap } from '@/domain/basemap/pieces'
import { isFull, sweepKept } from '@/media/kept'
import { fetchSmall, shownHere } from '@/media/small'
import { type AuditResult, askForAudit } from '@/sync/auditDue'
import { poke } from '@/sync/bus'
import { getMeta, setMeta, type Store } from '@/sync/db'
import { leaderStatus } from '@/sync/status'

import { type Job, photosOf, registerRows, type Round } from './readBack'

const LOOK_MS = 250
const LONGEST_MS = 180_000
/** Less room than for so many bytes: photos that the server has make room. */
const TIGHT = 500 * 1024 * 1024

/** What stood in the way; undefined: nothing. */
export type Hindrance = 'offline' | 'signin' | 'revoked' | 'busy' | 'full' | undefined

/** `jobs` is asked when the phone has been compared with the server; `mapCame` hears how many bytes of the map are here, of how many. */
export async function prepare(db: Store, units: readonly string[], jobs: () => Promise<readonly Job[]>, now: () => number, mapCame: (have: number, all: number) => void): Promise<Hindrance> {
  await navigator.storage?.persist?.()
  await makeRoom(db, now())
  const hindered = await compare(db, now())
  if (hindered) return hindered
  try {
    const files = await appFiles()
    if (files) await fetchFiles(files, await lackingFiles(files))
    const open = await jobs()
    const photos = await photosOf(open)
    const here = await shownHere(db, photos)
    const without = await fetchSmall(db, photos.filter((sha256) => !here.has(sha256)))
    const register = (await registerRows(db, units)).map((row) => row.id)
    await setMeta(db, 'round', { at: now(), register, jobs: [...open], without } satisfies Round)
    if ('caches' in globalThis) await fetchMap(await keptMap(), mapCame) // the largest, and a day goes without it: last
    return undefined
  } catch (error) {
    if (error instanceof Unreachable || error instanceof TypeError) return 'offline'
    if (error instanceof Problem) return 'busy'
    if (isFull(error)) return 'full'
    throw error
  }
}

async function makeRoom(db: Store, now: number): Promise<void> {
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.()) ?? {}
  if (quota - usage < TIGHT) await sweepKept(db, now, 0)
}

/** Has the leading page sync and compare every row with the server. */
async function compare(db: Store, began: number): Promise<Hindrance> {
  await askForAudit(db)
  const before = leaderStatus.value.nextTry
  poke('ready')
  for (let waited = 0; waited < LONGEST_MS; waited += LOOK_MS) {
    const audited = await getMeta<AuditResult>(db, 'audit')
    if (audited && audited.at >= began && !(await getMeta<boolean>(db, 'auditDue'))) return undefined
    const { phase, nextTry } = leaderStatus.value
    if (nextTry !== before && nextTry !== null) {
      if (phase === 'offline' || phase === 'signin' || phase === 'revoked') return phase
      if (phase === 'waiting' || phase === 'old') return 'busy'
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  return 'busy'
}
