/** Fails when the first page, a lazy part or the whole of the stored app grows beyond its limit. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const KB = 1024
const LIMITS = { firstJs: 150 * KB, firstCss: 40 * KB, lazyJs: 180 * KB, precache: 1536 * KB, wasm: 420 * KB }

const dist = fileURLToPath(new URL('../dist', import.meta.url))
const zipped = (name) => gzipSync(readFileSync(join(dist, name)), { level: 9 }).length

/** What a file needs before it runs: its static imports, and theirs. */
function closure(names) {
  const seen = new Set()
  const visit = (name) => {
    if (seen.has(name)) return
    seen.add(name)
    const text = readFileSync(join(dist, name), 'utf8')
    for (const [, found] of text.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)) visit(`assets/${found}`)
  }
  names.forEach(visit)
  return [...seen]
}

const html = readFileSync(join(dist, 'index.html'), 'utf8')
const entries = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map((match) => match[1])
const styles = [...html.matchAll(/href="\/(assets\/[^"]+\.css)"/g)].map((match) => match[1])
const first = closure(entries)
const sum = (names) => names.reduce((total, name) => total + zipped(name), 0)
const assets = readdirSync(join(dist, 'assets'))
const lazy = assets.filter((name) => name.endsWith('.js') && !first.includes(`assets/${name}`))
const whole = readdirSync(dist, { recursive: true })
  .filter((name) => /\.(js|css|html|svg|png|webmanifest)$/.test(name))
  .reduce((total, name) => total + statSync(join(dist, name)).size, 0)

const rows = [
  ['first page, JavaScript, gzip', sum(first), LIMITS.firstJs],
  ['first page, CSS, gzip', sum(styles), LIMITS.firstCss],
  ['largest lazy part, gzip', Math.max(0, ...lazy.map((name) => zipped(`assets/${name}`))), LIMITS.lazyJs],
  ['whole stored app', whole, LIMITS.precache],
  ['the reader of barcodes, gzip', sum(assets.filter((name) => name.endsWith('.wasm')).map((name) => `assets/${name}`)), LIMITS.wasm],
]
let over = 0
for (const [name, bytes, limit] of rows) {
  const fits = bytes <= limit
  if (!fits) over += 1
  console.log(`${fits ? 'ok  ' : 'OVER'} ${name}: ${(bytes / KB).toFixed(1)} of ${limit / KB} KB`)
}
if (over > 0) process.exit(1)
