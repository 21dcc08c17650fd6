import { onMounted, onUnmounted } from 'vue'

import { commandFor, pressedFrom } from './keys'

/**
 * Runs `run(command, key)` for the page's keys while it is shown. `run` gives back false when the command means
 * nothing now, so that the key keeps its own effect.
 */
export function useHotkeys<C extends string>(
  commands: Readonly<Record<string, C>>,
  run: (command: C, key: string) => boolean | void,
  options: { repeats?: readonly C[]; enabled?: () => boolean } = {},
): void {
  const repeats = new Set(options.repeats ?? [])
  const pressed = (event: KeyboardEvent) => {
    if (event.defaultPrevented || options.enabled?.() === false) return
    const command = commandFor(pressedFrom(event), commands, repeats)
    if (command === undefined || run(command, event.key) === false) return
    event.preventDefault()
  }
  onMounted(() => document.addEventListener('keydown', pressed))
  onUnmounted(() => document.removeEventListener('keydown', pressed))
}
