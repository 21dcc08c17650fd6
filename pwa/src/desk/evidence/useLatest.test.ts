import { expect, it } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'

import { useLatest } from './useLatest'

it('an answer that comes late does not stand beside another key', async () => {
  const key = ref<string | undefined>('a')
  const waiting = new Map<string, (found: string | Error) => void>()
  const ask = (wanted: string) => new Promise<string>((resolve, reject) => waiting.set(wanted, (found) => (found instanceof Error ? reject(found) : resolve(found))))
  const scope = effectScope()
  const answer = scope.run(() => useLatest(() => key.value, ask))!
  const settled = () => new Promise((done) => setTimeout(done))

  key.value = 'b'
  await nextTick()
  waiting.get('b')!('of b')
  await settled()
  waiting.get('a')!('of a')
  await settled()
  expect(answer.value).toBe('of b')

  key.value = 'c'
  await nextTick()
  expect(answer.value).toBeUndefined()
  waiting.get('c')!(new Error('no answer'))
  await settled()
  expect(answer.value).toBeUndefined()

  key.value = 'd'
  await nextTick()
  scope.stop()
  waiting.get('d')!('of d')
  await settled()
  expect(answer.value).toBeUndefined()
})
