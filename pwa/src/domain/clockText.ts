/** What a device's clock is off, in words. */
import { t } from '@/app/i18n'
import { clockLimit } from '@/sync/status'

import { errorText, offBy } from './clock'
import { lastingText } from './time'

interface Clock {
  skew_ms: number | null
  skew_error_ms: number | null
}

export function clockText(device: Clock): string {
  if (device.skew_ms === null) return t('whereabouts.clock_unknown')
  const off = offBy(device, clockLimit())
  if (off !== 0) return t(off > 0 ? 'whereabouts.ahead' : 'whereabouts.behind', { by: lastingText(Math.abs(off)) })
  return t('whereabouts.clock_ok', { error: [signed(-device.skew_ms), errorText(device.skew_error_ms)].filter(Boolean).join(' ') })
}

/** `+0.3 s`: what the device is ahead. */
const signed = (ms: number) => `${ms <= -50 ? '−' : '+'}${(Math.abs(ms) / 1000).toFixed(1)} s`
