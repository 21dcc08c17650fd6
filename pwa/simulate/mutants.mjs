/**
 * Faults of the phone that the simulator must find: each a small change of the app's source, made while it is bundled.
 * `why` says which promise it breaks.
 */
const push = 'sync/push.ts'
const pull = 'sync/pull.ts'
const held = 'sync/window.ts'

export const MUTANTS = {
  'outbox-dropped-early': {
    why: 'an operation leaves the outbox when it is sent, not when it is answered',
    changes: [{ file: push, find: 'await db.outbox.put({ ...kept, ...(skew && { skew }), ...change })', put: 'await db.outbox.delete(op.seq!)' }],
  },
  'answers-not-kept': {
    why: 'what was acknowledged is forgotten at once, so a server restored from a backup is not refilled',
    changes: [{ file: push, find: 'const lost = new Map([...lacking, ...told].map((op) => [op.seq!, op]))', put: 'const lost = new Map<number, OutRow>()' }],
  },
  'other-content-not-looked-at': {
    why: 'after a restore the phone goes by the number alone, not by what has it',
    changes: [{ file: push, find: 'await compared(context.db, context.call)', put: '{ lacking: [], judged: [] }' }],
  },
  'judged-anew-not-told': {
    why: 'after a restore a phone does not hear that what it sent before came again by a rescue file and lost its race',
    changes: [{ file: push, find: 'for (const [op, result] of judged)', put: 'for (const [op, result] of judged.slice(0, 0))' }],
  },
  'conflict-not-told': {
    why: 'a lost race counts as sent on the phone',
    changes: [{ file: push, find: "result?.status === 'conflict' ? 'conflict' : 'acked'", put: "'acked'" }],
  },
  'drop-scopes-ignored': {
    why: 'records of a scope that was withdrawn stay on the phone',
    changes: [{ file: pull, find: "for (const scope of page.drop_scopes ?? []) await db.base.dropScope(scope)", put: '' }],
  },
  'cursor-before-its-page': {
    why: 'the cursor is stored before the page, in a transaction of its own',
    changes: [{ file: pull, find: 'async function keepPage(db: Store, page: Page, first: boolean, brought: ReadonlySet<string> | undefined): Promise<void> {', put: "async function keepPage(db: Store, page: Page, first: boolean, brought: ReadonlySet<string> | undefined): Promise<void> {\n  await setMeta(db, 'cursor', page.cursor)" }],
  },
  'gone-rows-kept': {
    why: 'the phone keeps what was deleted or moved away',
    changes: [{ file: pull, find: 'rows.has(id) || gone.has(id)', put: 'rows.has(id)' }],
  },
  'resync-clears-outbox': {
    why: '410 clears the outbox with the base',
    changes: [{ file: pull, find: "await db.transaction('rw', [db.packs, db.meta], async () => {\n    await db.base.clear()", put: "await db.transaction('rw', [db.packs, db.meta, db.outbox], async () => {\n    await db.outbox.clear()\n    await db.base.clear()" }],
  },
  'number-outside-the-transaction': {
    why: 'an operation gets its number before the transaction that stores it',
    changes: [
      { file: 'sync/outbox.ts', find: "  await db.transaction('rw', [db.packs, db.outbox, db.photos, db.meta, db.drafts], async () => {", put: "  const given = await device(db)\n  await setMeta(db, 'device', { ...given, n: given.n + 2 })\n  await db.transaction('rw', [db.packs, db.outbox, db.photos, db.meta, db.drafts], async () => {" },
      { file: 'sync/outbox.ts', find: '      for (const op of fresh) await db.outbox.add({ ...op, device: own.id, n: ++own.n })\n      await setMeta(db, \'device\', own)', put: '      for (const op of fresh) await db.outbox.add({ ...op, device: own.id, n: ++given.n })\n      void own' },
    ],
  },
  'photo-bytes-dropped-early': {
    why: "a photo's bytes are removed when its upload begins",
    changes: [{ file: 'media/upload.ts', find: 'await db.photos.update(photo.sha256, { sending: 1 })', put: 'await db.photos.update(photo.sha256, { sending: 1 })\n  await db.photoBytes.delete(photo.sha256)' }],
  },
  'sent-photos-not-asked-for': {
    why: 'after a restore the phone sends photos again only where a record that it is sent lacks them',
    changes: [{ file: push, find: 'await offerAgain(context.db, context.call)', put: '' }],
  },
  'captures-not-sent-again': {
    why: 'what a phone signed of its photos stays lost after a restore',
    changes: [{ file: 'custody/afterSync.ts', find: 'await sayAgain(db, now)', put: '' }],
  },
  'base-made-up': {
    why: 'a patch claims to have seen what its author never saw, and wins every race',
    changes: [{ file: 'sync/outbox.ts', find: "    const common = {\n      kind: wanted.kind,\n      record: wanted.id,\n      base: base?.rev ?? 0,", put: "    const common = {\n      kind: wanted.kind,\n      record: wanted.id,\n      base: base ? base.rev + 5 : 0," }],
  },
  'stranger-believed': {
    why: 'a page that somebody on the way answers with counts as the server\'s word',
    changes: [
      { file: 'api/client.ts', find: 'if (response.status !== 413) return new Unreachable(error, between(response))', put: 'void error' },
      { file: 'api/client.ts', find: ': new Unreachable(undefined, between(response))', put: ": new Problem(response.status, `http_${response.status}`, facts, retryAfter)" },
    ],
  },
  'receipt-of-what-was-sent': {
    why: 'a receipt is asked for what was sent, while something is still to be sent',
    changes: [
      { file: 'custody/receipt.ts', find: 'return left.records + left.photos + left.refusedPhotos + left.aside > 0', put: 'return left.records < 0' },
      { file: 'custody/receipt.ts', find: 'filter((op) => op.n > 0 && within(Date.parse(op.at)))', put: "filter((op) => op.n > 0 && op.status !== 'queued' && within(Date.parse(op.at)))" },
      { file: 'custody/receipt.ts', find: 'filter((photo) => photo.records.length > 0 && within(photo.added_at))', put: "filter((photo) => photo.state === 'have' && photo.records.length > 0 && within(photo.added_at))" },
      { file: 'custody/receipt.ts', find: 'n: device.n,', put: 'n: Math.max(0, ...ops.filter((op) => op.device === device.id).map((op) => op.n)),' },
    ],
  },
  'schemas-in-one-envelope': {
    why: 'what two versions of the app wrote is sent under the number of the first',
    changes: [{ file: push, find: 'const other = oldest.findIndex((op) => op.schema !== oldest[0]!.schema)', put: 'const other = -1' }],
  },
  'old-app-keeps-photos': {
    why: 'an app that is too old to receive keeps its photos to itself',
    changes: [{ file: 'sync/loop.ts', find: "if (!(error instanceof Problem && error.status === 426)) throw error", put: 'throw error' }],
  },
  'window-forgets-unsent-work': {
    why: 'a record that falls out of what a phone holds goes, though work on it is still to be sent',
    changes: [{ file: held, find: 'if (!holds(rule, row) && !busy.has(row.id))', put: 'if (!holds(rule, row))' }],
  },
  'window-not-kept': {
    why: 'what has fallen out of what a phone holds stays on it',
    changes: [{ file: held, find: 'await db.base.bulkDelete(out)', put: '' }],
  },
  'wider-window-not-noticed': {
    why: 'records that a phone is to hold again are not asked for',
    changes: [{ file: pull, find: 'page.held.since < before.since', put: 'false' }],
  },
}
