/**
 * Writes what can be derived from the server: its HTTP types and its kinds' state machines.
 * `--check` writes nothing and fails when a file is stale.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import openapiTS, { astToString } from 'openapi-typescript'

const repo = fileURLToPath(new URL('../..', import.meta.url))
const mingcha = `${repo}/.venv/bin/mingcha`
const run = (command) => execFileSync(mingcha, [command], { cwd: repo, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
const check = process.argv.includes('--check')

const schema = JSON.parse(run('openapi'))
const generated = {
  'generated.d.ts': `/* Written by \`npm run types\` from the server's OpenAPI; do not edit. */\n${astToString(await openapiTS(schema, { defaultNonNullable: false }))}`,
  'kinds.json': `${JSON.stringify(JSON.parse(run('kinds')), null, 2)}\n`,
}

let stale = 0
for (const [name, text] of Object.entries(generated)) {
  const path = fileURLToPath(new URL(`../src/api/${name}`, import.meta.url))
  if (existsSync(path) && readFileSync(path, 'utf8') === text) continue
  stale += 1
  if (!check) writeFileSync(path, text)
  console.log(`${check ? 'stale' : 'written'}: src/api/${name}`)
}
if (check && stale > 0) process.exit(1)
