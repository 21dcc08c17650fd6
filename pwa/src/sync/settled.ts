/** What other people settled of this phone's conflicts and refusals: it needs nobody's attention here any more. */
import { callJson, type Fetch, Problem } from '@/api/client'

import { note, type Store } from './db'

interface Settled {
  exceptions: { device: string; n: number; settled: { name: string; how: string } | null }[]
}

/** Asks the server only while something here waits for a person; the number of problems that are over. */
export async function learnSettled(db: Store, call: Fetch): Promise<number> {
  const open = (await db.outbox.where('live').equals(1).toArray()).filter((op) => op.status === 'conflict' || op.status === 'rejected')
  let over = 0
  for (const device of new Set(open.map((op) => op.device))) {
    const found = await ask(call, device)
    for (const { n, settled } of found?.exceptions ?? []) {
      const op = open.find((one) => one.device === device && one.n === n)
      if (!op || !settled) continue
      await db.outbox.update(op.seq!, { live: 0 })
      await note(db, 'problem.settled', { seq: op.seq, by: settled.name, how: settled.how })
      over += 1
    }
  }
  return over
}

async function ask(call: Fetch, device: string): Promise<Settled | undefined> {
  try {
    return await callJson<Settled>(call, `/api/v1/sync/exceptions?settled=true&device=${device}&limit=100`)
  } catch (error) {
    if (error instanceof Problem && error.status !== 401) return undefined // an older server knows no exceptions
    throw error
  }
}
