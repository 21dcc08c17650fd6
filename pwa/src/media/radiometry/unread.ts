/** Files that hold temperatures which nobody can read openly. The same as `media/radiometry/unread.py`. */
import type { Bytes } from '../bytes'
import { find, stands, viewOf } from './bytes'
import { end, JPEG, segments } from './jpeg'
import { Unreadable } from './model'

/** Never temperatures: Unreadable for the makers known here. */
export function readUnread(data: Bytes): undefined {
  if (!stands(data, JPEG)) return undefined
  for (const [marker, payload] of segments(data)) {
    if (marker === 0xe2 && stands(payload, 'IJPEG\0', 4)) throw new Unreadable('infiray_scale')
  }
  const behind = end(data)
  const at = behind === undefined ? -1 : find(data, 'HDRI', behind)
  if (at < 0 || at + 20 > data.length) return undefined
  const view = viewOf(data)
  if ([12, 16].every((place) => view.getUint32(at + place, true) >= 16 && view.getUint32(at + place, true) <= 4096)) throw new Unreadable('hikmicro_raw')
  return undefined
}
