import { beforeEach, describe, expect, it, vi } from 'vitest'

import { pushes } from './push'

const listeners: Record<string, (event: never) => void> = {}
const page = { postMessage: vi.fn(), focus: vi.fn() }
let pages: (typeof page)[] = []
const worker = {
  addEventListener: (type: string, listener: (event: never) => void) => (listeners[type] = listener),
  clients: { matchAll: async () => pages, openWindow: vi.fn() },
  registration: { showNotification: vi.fn(async () => {}) },
  navigator: {},
  location: { origin: 'https://m.example' },
}

/** What the worker does until the event is over. */
async function happen(type: string, event: object): Promise<void> {
  let until: Promise<void> | undefined
  listeners[type]!({ ...event, waitUntil: (work: Promise<void>) => (until = work) } as never)
  await until
}

beforeEach(() => {
  vi.clearAllMocks()
  pages = [page]
  pushes(worker as never)
})

describe('a message through the push service', () => {
  it('is shown, once for each notice, and open windows sync', async () => {
    await happen('push', { data: { json: () => ({ id: 'n1', title: '明察', text: '您有一条新的抢修任务', link: '/job/1' }) } })
    expect(worker.registration.showNotification).toHaveBeenCalledWith('明察', expect.objectContaining({ body: '您有一条新的抢修任务', tag: 'n1', data: { link: '/job/1' } }))
    expect(page.postMessage).toHaveBeenCalledWith({ type: 'pushed' })
  })
  it('without anything in it is passed over', async () => {
    await happen('push', { data: null })
    expect(worker.registration.showNotification).not.toHaveBeenCalled()
  })
})

describe('a press on the notification', () => {
  const press = (link: string) => happen('notificationclick', { notification: { close: () => {}, data: { link } } })

  it('asks the open window, which knows whether somebody types', async () => {
    await press('https://m.example/job/1')
    expect(page.postMessage).toHaveBeenCalledWith({ type: 'open', path: '/job/1' })
    expect(page.focus).toHaveBeenCalled()
    expect(worker.clients.openWindow).not.toHaveBeenCalled()
  })
  it('opens the record where no window is open, and never another site', async () => {
    pages = []
    await press('https://elsewhere.example/job/1')
    expect(worker.clients.openWindow).toHaveBeenCalledWith('/job/1')
  })
})
