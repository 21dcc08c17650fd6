// Bundles the simulated phones for Node: `node simulate/build.mjs <file> [mutant] [entry]`.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { build } from 'vite'

import { MUTANTS } from './mutants.mjs'

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))
const [file, mutant, entry = 'main.ts'] = process.argv.slice(2)
const changes = mutant ? MUTANTS[mutant].changes : []
if (mutant && !changes) throw new Error(`no mutant ${mutant}`)

/** Changes the app's source where the mutant says so; a place that is not there is an error, not a mutant that lives. */
const mutate = {
  name: 'mutate',
  enforce: 'pre',
  load(id) {
    const mine = changes.filter((change) => id.endsWith(`/src/${change.file}`))
    if (mine.length === 0) return null
    let source = readFileSync(id, 'utf8')
    for (const { find, put } of mine) {
      if (source.split(find).length !== 2) throw new Error(`mutant ${mutant}: not exactly once in ${id}: ${find}`)
      source = source.replace(find, () => put)
    }
    return source
  },
}

await build({
  root: path('..'),
  publicDir: false,
  configFile: false,
  logLevel: 'warn',
  plugins: [mutate],
  resolve: { alias: { '@': path('../src'), '@catalogue': path('../../backend/data/catalogue/2026.11'), '@vectors': path('../../tests/vectors') } },
  define: { __APP_VERSION__: '"simulation"' },
  build: {
    ssr: path(entry),
    outDir: file.slice(0, file.lastIndexOf('/')),
    emptyOutDir: false,
    minify: false,
    target: 'node22',
    rolldownOptions: { output: { entryFileNames: file.slice(file.lastIndexOf('/') + 1), codeSplitting: false } },
  },
  ssr: { noExternal: true },
})
