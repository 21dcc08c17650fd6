/** How a photo of this phone stands, for the sync page. Pure. */
import type { PhotoRow } from '@/sync/db'
import type { LeaderStatus } from '@/sync/status'

export type PhotoStand = 'refused' | 'sending' | 'record_first' | 'wifi' | 'now' | 'day' | 'part' | 'waiting'

/** `recordWaits`: operations of its record have not been sent. part: it was begun and goes on at that byte. */
export function standOf(photo: Pick<PhotoRow, 'state' | 'sending' | 'urgent' | 'offset'>, recordWaits: boolean, held: LeaderStatus['held']): PhotoStand {
  if (photo.state === 'refused') return 'refused'
  if (photo.sending) return 'sending'
  if (recordWaits) return 'record_first'
  if (held && !photo.urgent) return held
  return photo.offset > 0 ? 'part' : 'waiting'
}
