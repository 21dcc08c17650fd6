/** The app's own files in the browser's store: which there should be, which are there, and fetching those that are not. */

const ANSWER_MS = 5_000

export interface AppFile {
  /** Address from the server's root. */
  url: string
  key: string
}

export interface AppFiles {
  cache: string
  files: AppFile[]
}

/** What the worker in charge has to have; undefined when no worker is in charge of this page. */
export async function appFiles(): Promise<AppFiles | undefined> {
  const worker = 'serviceWorker' in navigator ? navigator.serviceWorker.controller : null
  if (!worker) return undefined
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    const late = setTimeout(() => resolve(undefined), ANSWER_MS) // a worker of an earlier version does not know the question
    port1.onmessage = ({ data }) => {
      clearTimeout(late)
      resolve(data as AppFiles)
    }
    worker.postMessage({ type: 'files' }, [port2])
  })
}

/** Files that cannot be read whole from the store. Never asks the network. */
export async function lackingFiles({ cache, files }: AppFiles): Promise<AppFile[]> {
  const store = await caches.open(cache)
  const lacking: AppFile[] = []
  for (const file of files) if (!(await isWhole(await store.match(file.key)))) lacking.push(file)
  return lacking
}

async function isWhole(response: Response | undefined): Promise<boolean> {
  if (!response?.ok) return false
  const bytes = await response.arrayBuffer().catch(() => undefined)
  return bytes !== undefined && bytes.byteLength > 0
}

/** Fetches files anew into the store. One that is not on the server any more stays lacking. Rejects without a network. */
export async function fetchFiles({ cache }: AppFiles, files: readonly AppFile[]): Promise<void> {
  const store = await caches.open(cache)
  for (const file of files) {
    const response = await fetch(file.url, { cache: 'reload', credentials: 'same-origin' })
    if (response.ok) await store.put(file.key, response)
  }
}
