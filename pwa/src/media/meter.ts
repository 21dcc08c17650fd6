/** Bytes of photos that went today, and how fast they go: kept, so that a new page knows both before it sends. */
import { getMeta, setMeta, type Store } from '@/sync/db'

export interface Sent {
  /** Calendar day of this phone. */
  day: string
  bytes: number
}

const dayOf = (now: number): string => new Date(now).toDateString()

export async function sentToday(db: Store, now: number): Promise<number> {
  const sent = await getMeta<Sent>(db, 'sentToday')
  return sent?.day === dayOf(now) ? sent.bytes : 0
}

export async function countSent(db: Store, bytes: number, rate: number, now: number): Promise<void> {
  await db.transaction('rw', db.meta, async () => {
    await setMeta(db, 'sentToday', { day: dayOf(now), bytes: (await sentToday(db, now)) + bytes } satisfies Sent)
    await setMeta(db, 'rate', rate)
  })
}
