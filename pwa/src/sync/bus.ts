/** Word between the tabs: somebody saved, the leader's state changed. */
type Message = { type: 'poke'; why: string } | { type: 'status'; status: unknown }
type Listener = (message: Message) => void

const channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('mingcha')
const listeners = new Set<Listener>()
channel?.addEventListener('message', (event: MessageEvent<Message>) => tell(event.data))
// Node keeps a process alive for an open channel.
;(channel as unknown as { unref?: () => void } | undefined)?.unref?.()

function tell(message: Message): void {
  for (const listener of listeners) listener(message)
}

/** Sends to every tab, this one included. */
export function say(message: Message): void {
  tell(message)
  channel?.postMessage(message)
}

export function hear(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Asks the leading tab to sync now. */
export function poke(why: string): void {
  say({ type: 'poke', why })
}
