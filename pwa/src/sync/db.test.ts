import { expect, it, vi } from 'vitest'

import { openStore, setMeta, store } from './db'

it('a database that could not be opened for a while is read again once it can be', async () => {
  openStore('gone-and-back')
  await setMeta(store(), 'note', 'kept')
  const open = vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
    throw new DOMException('Internal error opening backing store for indexedDB.open.', 'UnknownError')
  })
  const lost = store().backendDB()
  lost.close()
  lost.onclose?.(new Event('close') as never)
  await expect(store().meta.count()).rejects.toThrow('backing store')
  await expect(store().meta.count()).rejects.toThrow('backing store')
  open.mockRestore()
  expect((await store().meta.get('note'))?.value).toBe('kept')
})

it('one that was closed for a newer app stays closed', async () => {
  openStore('newer')
  await setMeta(store(), 'note', 'kept')
  store().close()
  await expect(store().meta.count()).rejects.toMatchObject({ name: 'DatabaseClosedError' })
})
