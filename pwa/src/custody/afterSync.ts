/** What the leading tab does once all is sent: keys, signed captures, the day's receipt, colleagues' files. Loaded when first needed. */
import type { Fetch } from '@/api/client'
import type { Store } from '@/sync/db'

import { sayAgain, sendCaptures, signCaptures } from './capture'
import { sendCarried } from './carry'
import { refreshServerKeys } from './keys'
import { askReceipt } from './receipt'

export async function afterSync(db: Store, call: Fetch, now: Date): Promise<void> {
  await refreshServerKeys(db, call, now.getTime())
  await signCaptures(db, now)
  await sayAgain(db, now)
  await sendCaptures(db, call)
  await askReceipt(db, call, now)
  await sendCarried(db, call)
}
