/**
 * Whether many records are coming in at once, as in a first sync.
 *
 * Each page that is stored would make every list of the open screen read again; meanwhile they read by the clock.
 */
let filling = false
const listeners = new Set<() => void>()

export function isFilling(): boolean {
  return filling
}

export function setFilling(now: boolean): void {
  if (filling === now) return
  filling = now
  tell()
}

/** All are in, the round is nearly over: lists that wait for their hour wait for that. */
export function nearlyFilled(): void {
  if (filling) tell()
}

function tell(): void {
  for (const listener of [...listeners]) listener()
}

/** Calls `listener` when it begins, nearly ends and ends; the returned function ends that. */
export function onFilling(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
