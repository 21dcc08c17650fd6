/** Sends a file by tus-js-client, unmodified. The order is JSON on standard input, what came of it on standard output. */
import { readFileSync } from 'node:fs'

import { Upload } from 'tus-js-client'

const { file, endpoint, headers, metadata, ...more } = JSON.parse(readFileSync(0, 'utf8'))
let requests = 0
const statuses = []

const upload = new Upload(readFileSync(file), {
  endpoint,
  headers,
  metadata,
  retryDelays: Array.from({ length: 60 }, () => 30),
  onBeforeRequest: () => {
    requests += 1
  },
  onAfterResponse: (_, response) => {
    statuses.push(response.getStatus())
  },
  onError: (error) => {
    process.stdout.write(JSON.stringify({ error: String(error), requests, statuses }) + '\n')
  },
  onSuccess: () => {
    process.stdout.write(JSON.stringify({ url: upload.url, requests, statuses }) + '\n')
  },
  ...more,
})
upload.start()
