/** Questions that stop the screen, and short words that do not. */
import { reactive } from 'vue'

export interface Question {
  title: string
  text?: string
  ok: string
  cancel?: string
  danger?: boolean
}

export const asked = reactive<{ question: Question | undefined; answer: (yes: boolean) => void }>({
  question: undefined,
  answer: () => {},
})

/** Asks and waits; false when cancelled or closed. */
export function confirm(question: Question): Promise<boolean> {
  asked.answer(false)
  return new Promise((resolve) => {
    asked.question = question
    asked.answer = (yes) => {
      asked.question = undefined
      asked.answer = () => {}
      resolve(yes)
    }
  })
}

export const said = reactive<{ text: string; n: number }>({ text: '', n: 0 })
let timer: ReturnType<typeof setTimeout> | undefined

/** A short word at the foot of the screen, read aloud; never the only sign that something was saved. */
export function tell(text: string): void {
  said.text = text
  said.n += 1
  clearTimeout(timer)
  timer = setTimeout(() => (said.text = ''), 4000)
}
