import { afterEach, expect, it, vi } from 'vitest'

import { apiGet } from '@/api/client'
import { has } from '@/app/i18n'

import { photoKnown } from './usePicture'

vi.mock('@/api/client', async (original) => ({ ...(await original<object>()), apiGet: vi.fn() }))
const answer = vi.mocked(apiGet)
afterEach(() => answer.mockReset())

/** What `media` gives as the reason of a photo without views (media/derive.py, media/sandbox.py, media/service.py). */
const REASONS = ['truncated', 'undecodable', 'too_many_pixels', 'memory', 'timeout', 'crashed', 'original_missing']

it('has words for every reason why there is no picture', () => {
  expect(REASONS.filter((reason) => !has(`desk.evidence.photo_reason.${reason}`))).toEqual([])
})

it('asks again for a photo at which the server’s decoder failed, and no more once that is final', async () => {
  answer.mockResolvedValueOnce({ derived: 'failed', reason: 'crashed' })
  answer.mockResolvedValueOnce({ derived: 'failed', reason: 'undecodable' })
  expect(await photoKnown('a')).toMatchObject({ reason: 'crashed' })
  expect(await photoKnown('a')).toMatchObject({ reason: 'undecodable' })
  expect(await photoKnown('a')).toMatchObject({ reason: 'undecodable' })
  expect(answer).toHaveBeenCalledTimes(2)
})
