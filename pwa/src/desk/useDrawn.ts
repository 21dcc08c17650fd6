/** The rows of a table that are drawn: those in its box and a few around them; on paper, all. */
import { onScopeDispose, ref, shallowRef, watch, watchEffect } from 'vue'

import { drawn, type Span, toShow } from './drawn'

const FALLBACK_PX = 16

/**
 * `rowRem`: the height of a row in the size of the text; `headRem`: of what stands above the rows and does not scroll away.
 * Give `box` to the element that scrolls and `scrolled` to its event.
 */
export function useDrawn(total: () => number, rowRem: number, { headRem = 0, around }: { headRem?: number; around?: number } = {}) {
  const box = ref<HTMLElement>()
  const top = ref(0)
  const height = ref(600)
  const rowPx = ref(rowRem * FALLBACK_PX)
  const onPaper = ref(false)
  const span = shallowRef<Span>({ first: 0, end: 0 })
  const measure = () => {
    height.value = box.value?.clientHeight ?? height.value
    rowPx.value = rowRem * (Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || FALLBACK_PX)
  }
  const observer = new ResizeObserver(measure)
  watch(box, (element) => element && observer.observe(element))
  watchEffect(() => {
    span.value = onPaper.value ? { first: 0, end: total() } : drawn(top.value, height.value, rowPx.value, total(), around)
  })

  const leaves = new AbortController()
  addEventListener('beforeprint', () => (onPaper.value = true), leaves)
  addEventListener('afterprint', () => (onPaper.value = false), leaves)
  onScopeDispose(() => {
    observer.disconnect()
    leaves.abort()
  })

  const scrolled = (event: Event) => (top.value = (event.target as HTMLElement).scrollTop)
  /** Scrolls just so far that this row is in view, and draws it. */
  const show = (row: number) => {
    measure()
    const to = toShow(row, box.value?.scrollTop ?? 0, height.value - headRem * (rowPx.value / rowRem), rowPx.value)
    if (to === undefined || !box.value) return
    box.value.scrollTop = to
    top.value = to
  }
  return { box, span, rowPx, scrolled, show }
}
