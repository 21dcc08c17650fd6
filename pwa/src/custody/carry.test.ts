// @vitest-environment node
import 'fake-indexeddb/auto'

import { expect, test } from 'vitest'

import type { Fetch } from '@/api/client'
import { Store } from '@/sync/db'

import { carried, carry, sendCarried } from './carry'

async function carrying(person: string): Promise<Store> {
  const store = new Store(person)
  const file = new File([new TextEncoder().encode('MINGCHA-RESCUE\0\x01'), new Uint8Array(200)], 'a.mcr')
  await carry(store, file, 0)
  return store
}

const answering = (body: string): Fetch => () => Promise.resolve(new Response(body, { status: 404, headers: { 'Content-Type': 'application/problem+json' } }))

test('a carried file is not given up for an answer that was cut on its way', async () => {
  const store = await carrying('cut')
  await expect(sendCarried(store, answering('{"code":"rescue_unk'))).rejects.toThrow()
  expect((await carried('cut').files.toArray()).map((row) => row.state)).toEqual(['carrying'])
})

test('a carried file that the server refuses in its own words is kept as refused', async () => {
  const store = await carrying('refused')
  await sendCarried(store, answering('{"code":"rescue_foreign"}'))
  expect((await carried('refused').files.toArray()).map((row) => [row.state, row.code])).toEqual([['refused', 'rescue_foreign']])
})
