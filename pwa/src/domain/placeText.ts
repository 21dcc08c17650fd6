/** A photo's place in words: how sure, how old, where the phone looked, and what is poor about it. */
import { t } from '@/app/i18n'

import { faults, type Place } from './place'
import { lastingText } from './time'

export function placeText(place: Place): string {
  const { accuracy_m: accuracy, place_age_ms: age, heading_deg: heading } = place
  return [
    accuracy != null && t('field.place.accuracy', { m: Math.round(accuracy) }),
    age != null && t('field.place.age', { time: age < 60_000 ? t('field.place.seconds', { s: Math.round(age / 1000) }) : lastingText(age) }),
    heading != null && t('field.place.heading', { deg: Math.round(heading) }),
  ]
    .filter((text) => typeof text === 'string')
    .join(' · ')
}

/** Old, coarse or both; undefined when it is good. */
export function placeFault(place: Place): string | undefined {
  return faults(place).map((fault) => t(`field.place.${fault}`)).join(' · ') || undefined
}
