/**
 * Writes what can be derived: from the server its HTTP types and its kinds' state machines, for the server the words of the
 * screens that its documents use.
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

/** Words that documents of the server use, by feature. */
const USED = {
  record: ['kind', 'state', 'event', 'role', 'unit', 'facts', 'log', 'log_empty', 'by_system', 'photos_name', 'opened_at', 'deadline', 'owner', 'yes', 'no', 'practice', 'amended', 'reason'],
  infrared: [
    'equipment', 'row', 'taken_at', 'ambient', 'load', 'rated', 'emissivity', 'distance', 'humidity', 'wind', 'weather', 'weathers', 'camera', 'note', 'grade', 'decided',
    'judgement', 'rule', 'said', 'error', 'flag', 'near', 'env', 'no_grade', 'open',
  ],
  meterbox: ['box', 'found_at', 'items', 'ownership', 'ownerships', 'deadline', 'controlled', 'note', 'judgement', 'because', 'rule', 'notice'],
  checks: ['happened_at', 'visit', 'visits', 'place', 'item', 'person', 'fact', 'modifiers', 'complaint', 'self_reported', 'false_evidence', 'unit', 'signature'],
  violations: ['finder', 'item', 'happened', 'fact', 'rule', 'base', 'modifiers', 'no_modifiers', 'proposed', 'points'],
  modifier: ['M1', 'M2', 'M3', 'M4', 'M5', 'M6', 'M7'],
  repair: ['cause', 'measure', 'note', 'photo'],
  find: ['facts', 'types'],
}
/** Words that come with their pages. */
const LATE = { violations: 'features/violations/late', modifier: 'domain/modifier/late' }
const spoken = async (file, name) =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(USED).map(async ([feature, keys]) => {
        const words = (await import(new URL(`../src/${LATE[feature] ?? `features/${feature}`}/${file}.ts`, import.meta.url)))[name]
        return [feature, Object.fromEntries(keys.map((key) => [key, words[key] ?? lacking(`${feature}.${key}`)]))]
      }),
    ),
  )
function lacking(key) {
  throw new Error(`no words for ${key}, which documents of the server use`)
}

const schema = JSON.parse(run('openapi'))
const generated = {
  '../src/api/generated.d.ts': `/* Written by \`npm run types\` from the server's OpenAPI; do not edit. */\n${astToString(await openapiTS(schema, { defaultNonNullable: false }))}`,
  '../src/api/kinds.json': `${JSON.stringify(JSON.parse(run('kinds')), null, 2)}\n`,
  '../../backend/data/words.json': `${JSON.stringify({ zh: await spoken('zh-CN', 'zhCN'), en: await spoken('en', 'en') }, null, 1)}\n`,
}

let stale = 0
for (const [name, text] of Object.entries(generated)) {
  const path = fileURLToPath(new URL(name, import.meta.url))
  if (existsSync(path) && readFileSync(path, 'utf8') === text) continue
  stale += 1
  if (!check) writeFileSync(path, text)
  console.log(`${check ? 'stale' : 'written'}: ${name.replace(/^(\.\.\/)+/, '')}`)
}
if (check && stale > 0) process.exit(1)
