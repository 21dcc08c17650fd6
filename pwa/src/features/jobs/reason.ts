/** Why a job was given up, as a key of the words; undefined for what only its own text can say. */
export type Reason = 'crashed' | 'timeout' | 'store'

export function reasonOf(error: string): Reason | undefined {
  if (error.includes('store_unavailable')) return 'store'
  const lost = /^DecoderLost: (crashed|timeout)\b/.exec(error)?.[1]
  return lost as Reason | undefined
}
