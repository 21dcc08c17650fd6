import { createInterface } from 'node:readline'

import { sameView } from '../src/media/sameview'

/** Pairs of pictures come in as lines of JSON, what was found of each goes out as one. */
interface Picture {
  width: number
  height: number
  /** One byte a pixel, base64. */
  data: string
}

const grey = ({ width, height, data }: Picture) => ({ width, height, data: Float32Array.from(Buffer.from(data, 'base64')) })

for await (const line of createInterface({ input: process.stdin })) {
  const pair = JSON.parse(line) as { before: Picture; after: Picture }
  const [before, after] = [grey(pair.before), grey(pair.after)]
  const began = performance.now()
  const found = sameView(before, after)
  process.stdout.write(`${JSON.stringify({ ...found, ms: performance.now() - began })}\n`)
}
