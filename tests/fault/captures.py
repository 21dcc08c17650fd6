"""A phone that is killed at one await of a capture after the other: what was stored is there again, once.

The page counts each place where a capture waits for something outside itself: a request to IndexedDB (before it is made
and when its answer comes), the end of a transaction, a hash or a signature, a file that is read, a picture that is
decoded, a lock, a call of the server. At the k-th of them it stops for good, inside that call, and Chromium is killed
with SIGKILL. The next start of the same profile is looked at; then the capture begins anew, to be cut at another place,
until one goes through.

The server is away meanwhile. Once it is back, all that was handed in arrives, each record and photo once.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Dialog, Error, Page, Playwright, expect

from tests.support.client import signed_in
from tests.support.phone import add_photo, choose, kill, phone, shot, sign_in, signed_in_on_disk
from tests.support.server import Server

NEVER = 1_000_000  # a capture has fewer places to wait
LATE = 60_000
NOTE = "门锁缺失"
MORE = "门锁缺失，已用铁丝绑扎"

# `kills.at`: the place at which the page stops, from the moment it is set. What was committed until then goes with it.
POINTS = """(() => {
  const READS = ['get', 'getKey', 'getAll', 'getAllKeys', 'count', 'openCursor', 'openKeyCursor']
  const REQUESTS = [...READS, 'put', 'add', 'delete', 'clear']
  const KEYS = ['generateKey', 'importKey', 'exportKey', 'deriveKey', 'deriveBits']
  const kills = (window.kills = { at: 0, now: 0, said: { ops: [] } })
  const place = (what) => {
    if (!kills.at || ++kills.now < kills.at) return
    kills.at = 0
    const shown = { photos: document.querySelectorAll('.frames__one--full').length, path: location.pathname }
    alert(JSON.stringify({ n: kills.now, what, said: kills.said, shown }))
    for (;;); // nothing of this page happens any more
  }
  const wrap = (owner, name, made) => {
    const was = owner[name]
    if (typeof was === 'function') owner[name] = made(was)
  }
  const asked = (request, what) => {
    request.addEventListener('success', () => place(`${what} done`))
    return request
  }
  const noted = new WeakMap()
  const note = (store, value) => {
    if (!noted.has(store.transaction)) noted.set(store.transaction, [])
    noted.get(store.transaction).push([store.name, value])
  }
  const committed = ([store, value]) => {
    if (store === 'drafts') {
      const { body, photos } = value.state
      kills.said.draft = { key: value.key, note: body?.note ?? '', photos: photos.map((one) => one.sha256) }
    }
    if (store === 'outbox') kills.said.ops.push([value.record, value.op])
    if (store === 'rows' && value.key === 'form') kills.said.form = value.value
  }
  for (const owner of [IDBObjectStore.prototype, IDBIndex.prototype]) {
    for (const name of REQUESTS) {
      wrap(owner, name, (was) => function (...given) {
        const what = `${this.name} ${name}`
        place(what)
        if (name === 'put' || name === 'add') note(this, given[0])
        return asked(was.apply(this, given), what)
      })
    }
  }
  wrap(IDBFactory.prototype, 'open', (was) => function (...given) {
    place('open')
    return asked(was.apply(this, given), 'open')
  })
  wrap(IDBDatabase.prototype, 'transaction', (was) => function (...given) {
    const made = was.apply(this, given)
    made.addEventListener('complete', () => {
      for (const one of noted.get(made) ?? []) committed(one)
      place(`commit of ${[...made.objectStoreNames]}`)
    })
    return made
  })
  const slow = (owner, name) => wrap(owner, name, (was) => async function (...given) {
    place(name)
    const answer = await was.apply(this, given)
    place(`${name} done`)
    return answer
  })
  for (const name of ['digest', 'sign', 'verify', 'encrypt', ...KEYS]) slow(SubtleCrypto.prototype, name)
  for (const name of ['arrayBuffer', 'text']) slow(Blob.prototype, name)
  for (const name of ['arrayBuffer', 'json', 'blob']) slow(Response.prototype, name)
  slow(OffscreenCanvas.prototype, 'convertToBlob')
  slow(window, 'createImageBitmap')
  slow(window, 'fetch')
  wrap(LockManager.prototype, 'request', (was) => function (...given) {
    place('lock')
    const then = given.pop()
    return was.apply(this, [...given, (lock) => { place('lock done'); return then(lock) }])
  })
  wrap(Worker.prototype, 'postMessage', (was) => function (...given) {
    place('to worker')
    return was.apply(this, given)
  })
})()"""

# What lies on the phone of one record, and which form it would open again.
LIES = """async (id) => {
  const open = (name) => new Promise((done, lost) => {
    const asked = indexedDB.open(name)
    asked.onsuccess = () => done(asked.result)
    asked.onerror = () => lost(asked.error)
  })
  const all = (db, store) => new Promise((done) => {
    const asked = db.transaction(store).objectStore(store).getAll()
    asked.onsuccess = () => done(asked.result)
  })
  const hashes = (photos) => (photos ?? []).map((one) => one.sha256)
  const name = (await indexedDB.databases()).map((one) => one.name).find((one) => /^mingcha-[0-9a-f]{8}-/.test(one))
  const db = await open(name)
  const drafts = (await all(db, 'drafts')).filter(({ key }) => key === `hazard:${id}`)
  const ops = (await all(db, 'outbox')).filter(({ record }) => record === id)
  const photos = await all(db, 'photos')
  const bytes = {}
  for (const row of await all(db, 'photoBytes')) {
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', row.bytes))
    bytes[row.sha256] = [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  }
  db.close()
  return {
    draft: drafts[0] && { note: drafts[0].state.body.note ?? '', photos: hashes(drafts[0].state.photos) },
    ops: ops.map(({ op, type, data }) => [op, type, data.note ?? '', hashes(data.photos)]),
    photos: Object.fromEntries(photos.map(({ sha256, state, records }) => [sha256, { state, records }])),
    bytes,
  }
}"""


@dataclass
class Outcome:
    """What became of the captures. `broken` says in words what was not as it should be."""

    killed: int = 0
    """Captures that were cut."""
    places: int = 0
    """Places at which the last capture, which went through, waited."""
    kinds: set[str] = field(default_factory=set)
    reopened: int = 0
    """Times that the same form came back with what it held."""
    handed_in: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


@dataclass
class Cut:
    """Where a capture was cut, and what the page knew to be stored."""

    k: int
    photo: Path
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.photo.read_bytes()).hexdigest()

    @property
    def id(self) -> str:
        found = re.search(r"hazard/([0-9a-f-]{36})", json.dumps(self.told))
        return found[1] if found else ""


def run(playwright: Playwright, folder: Path, places: Iterable[int], *, spoilt: str = "") -> Outcome:
    """Kills a capture at each of `places`, which rise, until one goes through, and looks at what is there after each.

    `spoilt` is a script that runs in the page before all else, a fault that must be found: once it is, all is told.
    """
    server = Server(folder / "server").prepare(demo=True).start()
    profile, outcome, last = folder / "profile", Outcome(), None
    try:
        with phone(playwright, profile) as context:
            sign_in(context.pages[0], server.url, "duchayuan")
            signed_in_on_disk(profile)
        server.stop()
        for k in places if spoilt else chain(places, [NEVER]):
            last = _once(playwright, profile, server, _picture(folder, k), outcome, last, k, spoilt)
            if not last.told or (spoilt and outcome.broken):
                break
        if not spoilt:
            _all_arrives(playwright, profile, server, outcome)
    finally:
        server.kill()
    return outcome


def _picture(folder: Path, k: int) -> Path:
    plain = folder / "plain.jpg"
    if not plain.exists():
        Image.effect_noise((320, 240), 40).convert("RGB").save(plain, quality=70)
    return shot(plain, folder / f"{k}.jpg")


def _once(
    playwright: Playwright,
    profile: Path,
    server: Server,
    photo: Path,
    outcome: Outcome,
    last: Cut | None,
    k: int,
    spoilt: str,
) -> Cut:
    """Opens the app on what the last cut left, then captures until place `k`."""
    cut = Cut(k, photo)
    with phone(playwright, profile) as context:
        context.add_init_script(f"{spoilt};{POINTS}")
        page = context.pages[0]

        def stopped(dialog: Dialog) -> None:
            cut.told = json.loads(dialog.message)
            kill(profile)

        page.on("dialog", stopped)
        page.goto(server.url)
        if last is not None:
            _look(page, server.url, last, outcome)
        try:
            _capture(page, server.url, cut, outcome)
        except (Error, AssertionError):
            if not cut.told:
                raise
            outcome.killed += 1
            outcome.kinds.add(cut.told["what"])
    return cut


def _capture(page: Page, url: str, cut: Cut, outcome: Outcome) -> None:
    page.goto(f"{url}/record")
    expect(page.get_by_test_id("new-hazard")).to_be_visible(timeout=2 * LATE)
    page.evaluate("at => Object.assign(window.kills, { at, now: 0 })", cut.k)
    page.get_by_test_id("new-hazard").click()
    choose(page, "meter_box", "JL-CH-0001")
    page.get_by_test_id("field-note").fill(NOTE)
    add_photo(page, "overall", cut.photo)
    page.get_by_test_id("option-MB-02").click()
    page.get_by_test_id("field-note").fill(MORE)
    page.wait_for_timeout(400)  # the draft of a change is written
    page.get_by_test_id("submit").click()
    expect(page).to_have_url(re.compile("/r/hazard/"))
    expect(page.get_by_test_id("where").first).to_have_attribute("data-where", "local")
    outcome.places = page.evaluate("window.kills.now")
    outcome.handed_in.append(page.url.rsplit("/", 1)[1])


def _look(page: Page, url: str, cut: Cut, outcome: Outcome) -> None:
    """What the last capture had stored is there, and the person is where the capture was cut."""
    told, said, shown = cut.told, cut.told["said"], cut.told["shown"]
    where = f"place {told['n']}, {told['what']}"
    if not cut.id:
        if said["ops"] or "draft" in said or shown["photos"]:
            outcome.broken.append(f"{where}: stored without a form")
        return
    expect(page.locator("h1")).to_be_visible(timeout=LATE)
    lies = page.evaluate(LIES, cut.id)
    broken = list(_faults(cut, lies))
    if lies["ops"]:
        page.goto(f"{url}/r/hazard/{cut.id}")
        expect(page.get_by_test_id("where").first).to_have_attribute("data-where", "local", timeout=LATE)
        outcome.handed_in.append(cut.id)
    elif "form" in said:
        broken += _form(page, cut, lies["draft"])
        outcome.reopened += 1
    outcome.broken += [f"{where}: {one}" for one in broken]


def _faults(cut: Cut, lies: dict[str, Any]) -> Iterator[str]:
    said, shown, draft, ops = cut.told["said"], cut.told["shown"], lies["draft"], lies["ops"]
    before = said.get("draft") or {"note": "", "photos": []}
    if ops:
        if [(op, type_) for op, type_, _, _ in ops] != [("put", ""), ("event", "submit")]:
            yield f"handed in as {ops}"
        if draft:
            yield "handed in, and its draft stayed"
        held = {"note": ops[0][2], "photos": ops[0][3]}
        if held != {"note": MORE, "photos": [cut.sha256]}:
            yield f"handed in with {held}"
    else:
        if said["ops"] or shown["path"].startswith("/r/"):
            yield "was handed in and is not"
        held = draft or {"note": "", "photos": []}
    if not held["note"].startswith(before["note"]):
        yield f"said {before['note']!r}, now {held['note']!r}"
    if set(before["photos"]) - set(held["photos"]) or (shown["photos"] and not held["photos"]):
        yield "a photo is gone"
    for sha256 in held["photos"]:
        if not lies["bytes"].get(sha256) == sha256 == cut.sha256:
            yield "a photo's bytes are not those taken"
        if ops and lies["photos"][sha256] != {"state": "waiting", "records": [cut.id]}:
            yield f"its photo is {lies['photos'][sha256]}"


def _form(page: Page, cut: Cut, draft: dict[str, Any] | None) -> Iterator[str]:
    """The app opened at the form by itself, and shows what it holds."""
    if cut.id not in page.url:
        yield f"opened at {page.url}"
        return
    expect(page.get_by_test_id("submit")).to_be_visible(timeout=LATE)
    held = draft or {"note": "", "photos": []}
    expect(page.get_by_test_id("field-note")).to_have_value(held["note"])
    frames = page.locator(".frames__one--full img")
    expect(frames).to_have_count(len(held["photos"]))
    if held["photos"]:
        page.wait_for_function("() => document.querySelector('.frames__one--full img')?.naturalWidth > 0")


def _all_arrives(playwright: Playwright, profile: Path, server: Server, outcome: Outcome) -> None:
    """The server is back: each record that was handed in is there once, with its photo byte for byte."""
    server.start()
    with phone(playwright, profile) as context:
        page = context.pages[0]
        page.goto(f"{server.url}/sync")
        strip = page.get_by_test_id("sync-strip").first
        expect(strip).to_have_attribute("data-waiting", "0", timeout=5 * LATE)
    with signed_in(server.url, "duchayuan", register=False) as client:
        there = client.records("hazard")
        for id_ in outcome.handed_in:
            record = there.get(id_)
            if not record or [one["type"] for one in record["log"]] != ["submit"] or record["missing"]:
                outcome.broken.append(f"{id_} arrived as {record}")
                continue
            (photo,) = record["data"]["photos"]
            stored = client.http.get(f"/api/v1/photos/{photo['sha256']}/original").content
            if hashlib.sha256(stored).hexdigest() != photo["sha256"]:
                outcome.broken.append(f"{id_}: its photo differs")
    if len(set(outcome.handed_in)) != len(outcome.handed_in):
        outcome.broken.append("a record was handed in twice")
