import type { zhCN } from './zh-CN'

export const en = {
  nav: 'Jobs',
  title: 'Background jobs that were given up',
  note: 'A photo’s small views and temperatures are made in the background. Here is what failed 8 times; the original photo is untouched and stays as evidence.',
  none: 'No background job has failed',
  noneNote: 'Views and temperatures are made by themselves when a photo arrives.',
  name: { derive: 'Views and temperatures', resemble: 'Comparison with other photos', notice_webhook: 'Notice by WeCom or text message', notice_push: 'Notice on the phone', other: '{name}' },
  what: 'Job',
  photo: 'Photo',
  why: 'Why it failed last',
  reason: { crashed: 'The decoder ended', timeout: 'Decoding took too long', store: 'The photo store did not answer' },
  tries: '{n} time | {n} times',
  triesHead: 'Tried',
  since: 'Queued',
  retry: 'Try again',
  retryAll: 'Try all again',
  asked: '{n} job is queued again | {n} jobs are queued again',
} satisfies typeof zhCN
