import { expect, test } from 'vitest'

import { browserOf } from './browser'

const WECHAT = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.50 NetType/4G'
const CHROME = 'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36'
const all = { secure: true, worker: true, database: true }

test('a browser that can keep the app is fine, whatever it calls itself', () => {
  expect([browserOf(CHROME, all), browserOf(WECHAT, all)]).toEqual(['fine', 'fine'])
})

test('one that cannot is named by what the person can do about it', () => {
  expect(browserOf(WECHAT, { ...all, worker: false })).toBe('inside')
  expect(browserOf(CHROME, { ...all, worker: false })).toBe('old')
  expect(browserOf(CHROME, { secure: false, worker: false, database: true })).toBe('insecure')
  expect(browserOf(CHROME, { ...all, database: false })).toBe('old')
})
