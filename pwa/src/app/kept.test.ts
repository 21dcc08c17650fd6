import Dexie from 'dexie'
import { beforeEach, describe, expect, it, vi } from 'vitest'

const NAME = 'mingcha'

async function fresh() {
  vi.resetModules()
  return import('./kept')
}

/** The connection that the app has open. */
async function connection(act: () => Promise<unknown>): Promise<IDBDatabase> {
  const opened = vi.spyOn(IDBDatabase.prototype, 'transaction')
  await act()
  const db = opened.mock.contexts[0] as IDBDatabase
  opened.mockRestore()
  return db
}

beforeEach(() => Dexie.delete(NAME))

describe('what a start needs before any database is open', () => {
  it('is there again after a restart, and forgotten when it is to be', async () => {
    const { keep } = await fresh()
    await keep('form', '/new/hazard/1')
    const { kept, forget } = await fresh()
    expect(await kept('form')).toBe('/new/hazard/1')
    expect(await kept('me')).toBeUndefined()
    await forget('form')
    expect(await kept('form')).toBeUndefined()
  })

  it('is found where an older version of the app put it', async () => {
    const older = new Dexie(NAME)
    older.version(1).stores({ rows: 'key' })
    await older.table('rows').put({ key: 'me', value: { person: { id: 'p1' } } })
    older.close()
    const { kept, keep } = await fresh()
    expect(await kept('me')).toEqual({ person: { id: 'p1' } })
    await keep('left', [])
    await older.open()
    expect(await older.table('rows').count()).toBe(2)
    older.close()
  })

  it.each(['without a word', 'and says so'])('is kept when the browser closed the connection %s', async (way) => {
    const { keep, kept } = await fresh()
    const db = await connection(() => kept('form'))
    db.close()
    if (way === 'and says so') db.onclose?.(new Event('close'))
    await keep('form', '/job/1')
    expect(await kept('form')).toBe('/job/1')
  })

  it('does not stand in the way of another window that deletes it', async () => {
    const { kept, keep } = await fresh()
    await kept('form')
    await Dexie.delete(NAME)
    await keep('form', '/job/2')
    expect(await kept('form')).toBe('/job/2')
  })

  it('says what could not be written', async () => {
    const { keep, kept } = await fresh()
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('no room', 'QuotaExceededError')
    })
    await expect(keep('form', '/job/3')).rejects.toThrow('no room')
    put.mockRestore()
    const was = IDBObjectStore.prototype.put
    const broken = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...given) {
      const request = was.apply(this, given)
      request.addEventListener('success', () => this.transaction.abort())
      return request
    })
    await expect(keep('form', '/job/3')).rejects.toMatchObject({ name: 'AbortError' })
    broken.mockRestore()
    expect(await kept('form')).toBeUndefined()
  })
})
