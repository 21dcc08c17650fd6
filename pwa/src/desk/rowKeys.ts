/** A long table by key: J, K, the arrows, Home and End put the focus on a row's link. */
import { nextTick, type Ref } from 'vue'

import { useHotkeys } from './hotkeys'

const COMMANDS = { j: 'next', ArrowDown: 'next', k: 'previous', ArrowUp: 'previous', Home: 'first', End: 'last' } as const

/** Each row says its number: `data-n`. */
export function useRowKeys(total: () => number, { box, show }: { box: Ref<HTMLElement | undefined>; show: (row: number) => void }): void {
  const here = () => Number(document.activeElement?.closest<HTMLElement>('[data-n]')?.dataset.n ?? -1)
  async function go(row: number): Promise<void> {
    show(row)
    await nextTick()
    box.value?.querySelector<HTMLElement>(`[data-n="${row}"] a`)?.focus({ preventScroll: true })
  }
  useHotkeys(COMMANDS, (command) => {
    const last = total() - 1
    if (last < 0) return false
    const row = { next: here() + 1, previous: here() - 1, first: 0, last }[command]
    void go(Math.max(0, Math.min(last, row)))
  }, { repeats: ['next', 'previous'] })
}
