import { describe, expect, it, vi } from 'vitest'
import { nextTick, ref, watch } from 'vue'

import { useJoining } from './joining'

describe('photos of a form', () => {
  it('count one that is being stored until the form shows it', () => {
    const photos = ref(['a'])
    const joining = useJoining(photos)
    joining.join(['a', 'b'])
    expect(joining.now()).toEqual(['a', 'b'])
    photos.value = ['a', 'b']
    photos.value = ['b']
    expect(joining.now()).toEqual(['b'])
  })

  it('are those of the form again when it could not be stored', () => {
    const photos = ref(['a'])
    const joining = useJoining(photos)
    joining.join(['a', 'b'])
    joining.join(photos.value)
    expect(joining.now()).toEqual(['a'])
  })

  it('tell of a change also while one is being stored', async () => {
    const photos = ref(['a'])
    const joining = useJoining(photos)
    const seen = vi.fn()
    joining.join(['a', 'b'])
    watch(() => joining.now(), seen)
    photos.value = ['a', 'b', 'c']
    await nextTick()
    expect(seen).toHaveBeenCalledOnce()
  })
})
