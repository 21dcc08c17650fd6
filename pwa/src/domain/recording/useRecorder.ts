/** Sound or film from this phone's own microphone and camera, kept piece by piece while it is made. */
import { onScopeDispose, ref, shallowRef } from 'vue'

import type { Sort } from '@/media/frames'
import { isFull } from '@/media/kept'
import { type Begun, begin, type Bounds, keepPiece, nearlyFull, wayOf } from '@/media/recording'
import { store } from '@/sync/db'
import { newId } from '@/sync/ids'

export type Stand = 'idle' | 'asking' | 'on' | 'keeping'
/** denied: the person or the browser's settings said no · none: nothing to record with · busy: another app has it. */
export type Trouble = 'denied' | 'none' | 'busy' | 'full' | 'failed'

/** How much a kill may lose, ms. */
const PIECE_MS = 1_000
const TICK_MS = 250
/** Speech is clear at it; a film of half a minute has some 5 MB. */
const RATES = { audioBitsPerSecond: 32_000, videoBitsPerSecond: 1_200_000 }
const FILM = { facingMode: { ideal: 'environment' }, width: { ideal: 1280 }, height: { ideal: 720 } }

/** `form`: its draft's key. `before` runs before the microphone is asked for, `take` takes in what was recorded. */
export function useRecorder(form: string, before: () => Promise<void>, take: (begun: Begun) => Promise<void>) {
  const stand = ref<Stand>('idle')
  const sort = ref<Sort>('voice')
  const stream = shallowRef<MediaStream>()
  const seconds = ref(0)
  const bytes = ref(0)
  const trouble = ref<Trouble>()
  /** Which bound it came to. */
  const ended = ref<'seconds' | 'bytes'>()
  let recorder: MediaRecorder | undefined
  let timer: ReturnType<typeof setInterval> | undefined
  let gone = false

  function release(): void {
    clearInterval(timer)
    for (const track of stream.value?.getTracks() ?? []) track.stop()
    stream.value = undefined
  }

  function stop(): void {
    if (recorder && recorder.state !== 'inactive') recorder.stop()
  }

  async function start(wanted: Sort, bounds: Bounds): Promise<void> {
    if (stand.value !== 'idle') return
    sort.value = wanted
    trouble.value = ended.value = undefined
    seconds.value = bytes.value = 0
    const way = typeof MediaRecorder === 'undefined' ? undefined : wayOf(wanted, (type) => MediaRecorder.isTypeSupported(type))
    if (!way || !navigator.mediaDevices?.getUserMedia) {
      trouble.value = 'none'
      return
    }
    stand.value = 'asking'
    try {
      await before()
      stream.value = await navigator.mediaDevices.getUserMedia({ audio: true, video: wanted === 'video' && FILM })
      if (gone) return release()
      const begun: Begun = { id: newId(), form, sort: wanted, type: way.split(';')[0]!, at: Date.now() }
      await begin(store(), begun)
      run(begun, way, bounds)
    } catch (error) {
      release()
      stand.value = 'idle'
      trouble.value = troubleOf(error)
    }
  }

  function run(begun: Begun, mimeType: string, bounds: Bounds): void {
    const db = store()
    const mine = (recorder = new MediaRecorder(stream.value!, { mimeType, ...RATES }))
    let writes: Promise<void> = Promise.resolve()
    let [n, largest] = [0, 0]
    const broken = (error: unknown) => {
      trouble.value ??= troubleOf(error)
      stop()
    }
    mine.addEventListener('dataavailable', ({ data }) => {
      if (data.size === 0 || trouble.value) return // a gap would make the rest unreadable
      const at = n++
      bytes.value += data.size
      largest = Math.max(largest, data.size)
      writes = writes.then(async () => keepPiece(db, begun, at, await data.arrayBuffer())).catch(broken)
      if (!nearlyFull(bytes.value, largest, bounds) || mine.state === 'inactive') return
      ended.value = 'bytes'
      stop()
    })
    mine.addEventListener('error', () => broken(undefined))
    mine.addEventListener('stop', async () => {
      release()
      stand.value = 'keeping'
      await writes
      if (gone) return // the form finds it when it is opened again
      try {
        await take(begun)
      } catch (error) {
        trouble.value = troubleOf(error)
      }
      stand.value = 'idle'
    })
    const from = performance.now()
    timer = setInterval(() => {
      seconds.value = Math.floor((performance.now() - from) / 1000)
      if (seconds.value < bounds.seconds) return
      ended.value = 'seconds'
      stop()
    }, TICK_MS)
    mine.start(PIECE_MS)
    stand.value = 'on'
  }

  onScopeDispose(() => {
    gone = true
    stop()
    release()
  })
  return { stand, sort, stream, seconds, bytes, trouble, ended, start, stop }
}

function troubleOf(error: unknown): Trouble {
  if (isFull(error)) return 'full'
  const name = (error as { name?: string } | undefined)?.name ?? ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied'
  if (name === 'NotFoundError' || name === 'NotSupportedError' || name === 'OverconstrainedError') return 'none'
  return name === 'NotReadableError' || name === 'AbortError' ? 'busy' : 'failed'
}
