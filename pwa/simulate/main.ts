/** Plays the rounds that standard input asks for, one after the other; an outcome each. */
import 'fake-indexeddb/auto'

import './tree'

import { order, told } from './control'
import { type Plan, play } from './round'

/** What the database in memory copies is plain data and bytes; the general way takes a fifth of a round. */
globalThis.structuredClone = ((value: unknown) => copied(value)) as typeof structuredClone

function copied(value: unknown): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') throw new DOMException('a function cannot be stored', 'DataCloneError')
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copied)
  if (value instanceof ArrayBuffer) return value.slice(0)
  if (value instanceof CryptoKey) return value // cannot be changed, so it needs no copy
  if (ArrayBuffer.isView(value) || value instanceof Date) throw new DOMException('not foreseen in the simulation', 'DataCloneError')
  const copy: Record<string, unknown> = {}
  for (const key in value) copy[key] = copied((value as Record<string, unknown>)[key])
  return copy
}

/** Dexie ends a signal after each transaction; the exception that nobody reads takes longer than the transaction's own work. */
const ended = new Error('over')
const abort = AbortController.prototype.abort
AbortController.prototype.abort = function (reason: unknown = ended) {
  abort.call(this, reason)
}

const broken: string[] = []
process.on('unhandledRejection', (error) => {
  const name = (error as Error | undefined)?.name ?? ''
  // A killed app leaves promises behind that nobody waits for.
  if (['Dead', 'AbortError', 'DatabaseClosedError', 'TransactionInactiveError', 'InvalidStateError', 'PrematureCommitError'].includes(name)) return
  broken.push(String((error as Error | undefined)?.stack ?? error))
})

for (let plan = await told<Plan>(); plan; plan = await told<Plan>()) {
  const outcome = await play(plan)
  outcome.violations.push(...broken.splice(0).map((text) => `an error nobody caught: ${text}`))
  await order({ do: 'outcome', outcome })
}
process.exit(0)
