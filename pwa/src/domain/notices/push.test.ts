import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { pushState, turnOn } from './push'
import type { Ways } from './ways'

const DEVICE = '019f'
const ways = (more: Partial<Ways> = {}): Ways => ({
  choice: { language: 'zh-CN', quiet: null, address: '' }, company_quiet: '', urgent: true, webhook_style: null, push_key: 'key', devices: [DEVICE], ways: [], ...more,
})
const made = { toJSON: () => ({ endpoint: 'https://push.example/x' }), unsubscribe: vi.fn() }
const manager = { getSubscription: vi.fn(async (): Promise<typeof made | null> => made), subscribe: vi.fn(async () => made) }
const requestPermission = vi.fn(async () => 'granted')
const sent = vi.fn(async (_path: string, _call: RequestInit) => new Response(null, { status: 204 }))

function browser(permission = 'default'): void {
  const registration = { pushManager: manager }
  vi.stubGlobal('navigator', { serviceWorker: { ready: Promise.resolve(registration), getRegistration: async () => registration } })
  vi.stubGlobal('window', { PushManager: {}, Notification: {} })
  vi.stubGlobal('Notification', { permission, requestPermission })
  vi.stubGlobal('fetch', sent)
}

beforeEach(() => browser())
afterEach(() => {
  vi.unstubAllGlobals()
  vi.clearAllMocks()
})

describe('web push on this phone', () => {
  it('is looked at without asking for permission', async () => {
    expect(await pushState(ways(), DEVICE)).toBe('on')
    expect(await pushState(ways({ devices: [] }), DEVICE)).toBe('off')
    expect(await pushState(ways({ push_key: null }), DEVICE)).toBe('unset')
    manager.getSubscription.mockResolvedValueOnce(null)
    expect(await pushState(ways(), DEVICE)).toBe('off')
    browser('denied')
    expect(await pushState(ways(), DEVICE)).toBe('denied')
    vi.stubGlobal('window', {})
    expect(await pushState(ways(), DEVICE)).toBe('none')
    expect(requestPermission).not.toHaveBeenCalled()
  })
  it('tells the server after a press', async () => {
    expect(await turnOn('key', DEVICE)).toBe('on')
    expect(manager.subscribe).toHaveBeenCalledWith({ userVisibleOnly: true, applicationServerKey: 'key' })
    expect(sent.mock.calls[0]![0]).toBe(`/api/v1/devices/${DEVICE}/push`)
    expect(sent.mock.calls[0]![1]).toMatchObject({ method: 'PUT', body: '{"endpoint":"https://push.example/x"}' })
  })
  it('is left alone where the person says no', async () => {
    requestPermission.mockResolvedValueOnce('denied')
    expect(await turnOn('key', DEVICE)).toBe('denied')
    expect(manager.subscribe).not.toHaveBeenCalled()
  })
  it('says that the service is not there, as in China', async () => {
    manager.subscribe.mockRejectedValueOnce(new DOMException('Registration failed - push service error', 'AbortError'))
    expect(await turnOn('key', DEVICE)).toBe('blocked')
    expect(sent).not.toHaveBeenCalled()
  })
})
