/** The kinds' state machines, read by the fold and by every screen that offers an event. */
import type { EventRule, KindName, KindRule } from './kinds'
import kinds from './kinds.json'

export const RULES = kinds as Record<KindName, KindRule>

/** The event's rule when it may happen in `state`, else undefined. */
export function eventFrom(kind: KindName, state: string, type: string): EventRule | undefined {
  return RULES[kind].events.find((event) => event.name === type && event.source.includes(state))
}

/** The event's rule, whatever the state. */
export function eventNamed(kind: KindName, type: string): EventRule | undefined {
  return RULES[kind].events.find((event) => event.name === type)
}

/** Whether an event of this name exists for the kind at all. */
export function eventKnown(kind: KindName, type: string): boolean {
  return RULES[kind].events.some((event) => event.name === type)
}

/** Events that these roles may cause from `state`; `author` and `system` are not checked here. */
export function eventsFor(kind: KindName, state: string, roles: readonly string[]): EventRule[] {
  return RULES[kind].events.filter(
    (event) => event.source.includes(state) && event.roles.some((role) => roles.includes(role)),
  )
}
