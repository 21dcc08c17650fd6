/** Unsent work that people left behind on this phone when they signed out: whose, and how much. Nothing of what it says. */
import { keep, kept } from './kept'

export interface Left {
  id: string
  name: string
  ops: number
  photos: number
}

export async function leftBehind(): Promise<Left[]> {
  return (await kept<Left[]>('left')) ?? []
}

/** Notes what this person leaves behind; with nothing, or once they are back, there is no note. */
export async function noteLeft(person: Left): Promise<void> {
  const others = (await leftBehind()).filter((one) => one.id !== person.id)
  await keep('left', person.ops + person.photos > 0 ? [...others, person] : others)
}
