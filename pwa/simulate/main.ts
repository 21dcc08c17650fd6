/** Plays the rounds that standard input asks for, one after the other; an outcome each. */
import 'fake-indexeddb/auto'

import { order, told } from './control'
import { type Plan, play } from './round'

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
