/** Orders to the process that owns the servers: a line of JSON out, a line of JSON back. */
import { createInterface } from 'node:readline'

export interface Person {
  id: string
  name: string
  role: string
  unit: string
  tokens: string[]
}

export interface Company {
  org: string
  units: { county: string; a: string; b: string }
  people: Person[]
  ports: number[]
  clock: string
  start_ms: number
  /** The schema number of the release that the servers run. */
  schema: number
  /** Days for which phones keep what is closed. */
  window_days: number
}

export interface ServerRecord {
  id: string
  kind: string
  scope: string
  seq: number
  rev: number
  state: string
  author: string | null
  /** When it last changed. */
  updated_at: string
  deleted: boolean
  data: Record<string, unknown>
  log: { id: string; type: string }[]
  missing: string[]
}

export interface ServerOperation {
  device: string
  n: number
  kind: string
  id: string
  op: string
  status: 'applied' | 'merged' | 'conflict' | 'rejected'
  code: string
  received_at: string
  /** Of the app that wrote it; 0 for the server itself. */
  schema: number
  payload: { op: string; kind: string; id: string; subject?: string; type?: string; at: string; base?: number; data?: Record<string, unknown> }
  result: { rev?: number; issues?: { path: string; code: string }[]; conflicts?: { field: string; kept: unknown; refused: unknown }[] }
}

export interface Dump {
  /** How often the server has begun anew. */
  epoch: number
  records: ServerRecord[]
  operations: ServerOperation[]
  photos: { sha256: string; size: number; stored: string }[]
  /** What phones signed of photos, in their own words. */
  captures: string[]
  scopes: Record<string, string[]>
}

/** Answers `held`: what devices sent, and the hash of each photo's stored bytes. */
export interface Held {
  operations: ServerOperation[]
  photos: Record<string, string>
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

/** Null when the other side has gone. */
export async function told<T>(): Promise<T | null> {
  const line = await lines.next()
  return line.done ? null : (JSON.parse(line.value) as T)
}

export async function order<T = unknown>(what: Record<string, unknown>): Promise<T> {
  process.stdout.write(`${JSON.stringify(what)}\n`)
  const answer = await told<{ error?: string; answer: T }>()
  if (!answer) process.exit(1)
  if (answer.error) throw new Error(answer.error)
  return answer.answer
}
