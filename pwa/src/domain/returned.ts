/** Returns that their authors have not opened in the time that the company set. */
import { Problem, Unreachable } from '@/api/client'
import { get } from '@/api/server'

/** How many there are; undefined when the server cannot be asked. */
export async function countLate(): Promise<number | undefined> {
  try {
    return (await get('/api/v1/returns')).returns.filter((one) => one.late).length
  } catch (error) {
    if (error instanceof Problem || error instanceof Unreachable) return undefined
    throw error
  }
}
