/** The phone's own position and compass, read while a form with photos is open. */
import { onMounted, onScopeDispose, type Ref, ref, shallowRef } from 'vue'

import { type Fix, type Heading, headingOf, type Place, placeAt } from '@/domain/place'

/** off: nobody allowed it yet. none: this browser has no positions. */
export type Finding = 'off' | 'none' | 'denied' | 'searching' | 'found'

export interface Position {
  finding: Ref<Finding>
  fix: Ref<Fix | undefined>
  heading: Ref<Heading | undefined>
  /** Begins to look; the browser may ask the person. `compass`: from a touch, for some ask there only. */
  start: (compass?: boolean) => void
  placeAt: (takenMs: number) => Place | undefined
}

interface Orientation extends DeviceOrientationEvent {
  webkitCompassHeading?: number
}

/** Looks by itself only where it was allowed before; stops with the page. */
export function usePosition(): Position {
  const finding = ref<Finding>(navigator.geolocation ? 'off' : 'none')
  const fix = shallowRef<Fix>()
  const heading = shallowRef<Heading>()
  let watching: number | undefined

  const found = ({ coords, timestamp }: GeolocationPosition) => {
    finding.value = 'found'
    fix.value = { lat: coords.latitude, lon: coords.longitude, accuracy_m: coords.accuracy, at: Math.min(timestamp, Date.now()) }
  }
  const failed = ({ code, PERMISSION_DENIED }: GeolocationPositionError) => {
    if (code !== PERMISSION_DENIED) return // no sky yet: it goes on looking
    finding.value = 'denied'
    stop()
  }
  function start(compass = false): void {
    if (compass) askCompass()
    if (watching !== undefined || finding.value === 'none') return
    if (!fix.value) finding.value = 'searching'
    watching = navigator.geolocation.watchPosition(found, failed, { enableHighAccuracy: true, maximumAge: 10_000 })
  }
  function stop(): void {
    if (watching !== undefined) navigator.geolocation.clearWatch(watching)
    watching = undefined
  }
  const turned = (event: Orientation) => {
    const deg = event.webkitCompassHeading ?? (event.absolute && event.alpha !== null && event.beta !== null && event.gamma !== null ? headingOf(event.alpha, event.beta, event.gamma) : undefined)
    if (deg !== undefined) heading.value = { deg, at: Date.now() }
  }
  const events = ['deviceorientationabsolute', 'deviceorientation'] as const

  onMounted(async () => {
    for (const name of events) window.addEventListener(name, turned as EventListener)
    const asked = await navigator.permissions?.query({ name: 'geolocation' }).catch(() => undefined)
    if (asked?.state === 'granted') start()
    else if (asked?.state === 'denied') finding.value = 'denied'
  })
  onScopeDispose(() => {
    stop()
    for (const name of events) window.removeEventListener(name, turned as EventListener)
  })
  return { finding, fix, heading, start, placeAt: (takenMs) => placeAt(fix.value, heading.value, takenMs) }
}

/** iOS wants to be asked, at a touch; others tell without. */
function askCompass(): void {
  const event = globalThis.DeviceOrientationEvent as (typeof DeviceOrientationEvent & { requestPermission?: () => Promise<string> }) | undefined
  void event?.requestPermission?.().catch(() => undefined)
}
