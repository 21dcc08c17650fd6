import { expect, it } from 'vitest'

import { codeOf } from './code'

it('a code is its letters, typed or at the end of an address', () => {
  expect(codeOf(' abcd-efgh 2345 ')).toBe('ABCDEFGH2345')
  expect(codeOf('https://mingcha.example/signin/code#ABCD-EFGH-2345')).toBe('ABCDEFGH2345')
  expect(codeOf('')).toBe('')
})
