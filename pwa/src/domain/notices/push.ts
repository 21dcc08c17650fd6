/** Web push on this phone. Permission is asked for on a press only; in China the browser's service may not be there. */
import { callJson, jsonCall, Problem, rawFetch } from '@/api/client'
import { remove } from '@/api/server'

import type { PushState, Ways } from './ways'

const able = () => 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window

async function subscription(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration()
  return (await registration?.pushManager.getSubscription()) ?? null
}

export async function pushState(ways: Ways, device: string | undefined): Promise<PushState> {
  if (!ways.push_key) return 'unset'
  if (!able()) return 'none'
  if (Notification.permission === 'denied') return 'denied'
  return device && ways.devices.includes(device) && (await subscription()) ? 'on' : 'off'
}

/** After a press: asks for permission, subscribes, tells the server. Problem and Unreachable of the server are its own. */
export async function turnOn(key: string, device: string): Promise<PushState> {
  if ((await Notification.requestPermission()) !== 'granted') return 'denied'
  const registration = await navigator.serviceWorker.ready
  let made: PushSubscription
  try {
    await (await registration.pushManager.getSubscription())?.unsubscribe() // it may be of another key
    made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })
  } catch (error) {
    if (error instanceof DOMException) return 'blocked' // the browser does not reach its push service
    throw error
  }
  await callJson(rawFetch, `/api/v1/devices/${device}/push`, jsonCall('PUT', made.toJSON()))
  return 'on'
}

/** This browser takes no push any more; a server that knew of none is content. */
export async function turnOff(device: string): Promise<void> {
  await (await subscription())?.unsubscribe()
  await remove(`/api/v1/devices/${device}/push` as '/api/v1/devices/{device}/push').catch((error: unknown) => {
    if (!(error instanceof Problem && error.status === 404)) throw error
  })
}

/** Whoever signs out is not told on this phone any more: the service says so to the server at the next push. */
export async function leave(): Promise<void> {
  if (able()) await (await subscription())?.unsubscribe()
  await navigator.clearAppBadge?.()
}
