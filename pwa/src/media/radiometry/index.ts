/** Temperatures out of picture files, on the phone and without a network. The same as `media/radiometry` on the server. */
import { readDji } from './dji'
import { readFlir } from './flir'
import { readHti } from './hti'
import { type Thermogram, Unreadable, withinReach } from './model'
import { readPower } from './power'
import { readUnit } from './unit'
import { readUnread } from './unread'

const READERS = [readPower, readFlir, readDji, readHti, readUnit, readUnread]

/**
 * The temperatures of a picture, values beyond every camera's reach as NaN; undefined when the file holds none.
 *
 * Unreadable when it claims to hold some and they cannot be read. What is allocated stays in the scale of the file.
 */
export async function read(bytes: ArrayBuffer): Promise<Thermogram | undefined> {
  const data = new Uint8Array(bytes)
  for (const reader of READERS) {
    const thermogram = await reader(data)
    if (!thermogram) continue
    if (withinReach(thermogram.celsius) === 0) throw new Unreadable('no_valid_pixels')
    return thermogram
  }
  return undefined
}
