/** All English words in one chunk of their own. */
import { en } from './en'

type Words = { [key: string]: string | Words }

const features = import.meta.glob<Words>(['../../features/*/en.ts', '../../desk/en.ts'], { eager: true, import: 'en' })

export const words: Words = {
  ...(en as unknown as Words),
  ...Object.fromEntries(Object.entries(features).map(([path, found]) => [path.split('/').at(-2)!, found])),
}
