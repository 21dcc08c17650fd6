/** For tests: a page that ends at one of its awaits, as when the camera takes the phone's memory. */

type Step = () => void

const REQUESTS = ['get', 'getKey', 'getAll', 'getAllKeys', 'count', 'put', 'add', 'delete', 'clear', 'openCursor', 'openKeyCursor'] as const

/** Every request to IndexedDB, every hash and every read of a file is one place to end before and one after. */
function watched(step: Step, transactions: Set<IDBTransaction>): () => void {
  const undo: (() => void)[] = []
  const patch = <T extends object, K extends keyof T>(owner: T, name: K, made: (was: T[K]) => T[K]) => {
    const was = owner[name]
    owner[name] = made(was)
    undo.push(() => (owner[name] = was))
  }
  for (const owner of [IDBObjectStore.prototype, IDBIndex.prototype] as object[]) {
    for (const name of REQUESTS) {
      if (!(name in owner)) continue
      patch(owner as Record<string, (...args: unknown[]) => IDBRequest>, name, (was) => function (this: unknown, ...args: unknown[]) {
        step()
        const request = was!.apply(this, args)
        if (request.transaction) transactions.add(request.transaction)
        request.addEventListener('success', step)
        return request
      })
    }
  }
  const slow = <T extends object>(owner: T, name: keyof T) =>
    patch(owner, name, (was) => async function (this: unknown, ...args: unknown[]) {
      step()
      const answer: unknown = await (was as (...given: unknown[]) => Promise<unknown>).apply(this, args)
      step()
      return answer
    } as T[keyof T])
  slow(Blob.prototype, 'arrayBuffer')
  slow(crypto.subtle, 'digest')
  return () => undo.reverse().forEach((back) => back())
}

/**
 * Runs `page` and ends it at its `at`-th step: what was not committed is undone, and nothing it does later happens.
 * Gives the number of steps it came to; at `Infinity` it lives to its end.
 */
export async function killedAt(at: number, page: () => Promise<unknown>): Promise<number> {
  let [steps, dead] = [0, false]
  const transactions = new Set<IDBTransaction>()
  let ended = () => {}
  const end = new Promise<void>((resolve) => (ended = resolve))
  const back = watched(() => {
    if (!dead && ++steps < at) return
    if (!dead) {
      dead = true
      for (const one of transactions) {
        try {
          one.abort()
        } catch {
          // it was committed already
        }
      }
      ended()
    }
    throw new DOMException('killed', 'AbortError')
  }, transactions)
  try {
    await Promise.race([page().catch((error: unknown) => {
      if (!dead) throw error
    }), end])
    await new Promise((done) => setTimeout(done, 5)) // what still runs finds itself dead
  } finally {
    back()
  }
  return steps
}
