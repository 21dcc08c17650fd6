"""A voice note and a video: made on the phone without a network, through a kill, sent, heard and seen at the desk.

Originals lie in MinIO, from which the desk's browser is sent to read them by signed addresses.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

from playwright.sync_api import Page, Playwright, expect

from tests.support.axe import findings
from tests.support.client import PASSWORD, signed_in
from tests.support.look import LANGUAGES, look
from tests.support.minio import Minio
from tests.support.phone import (
    NOT_STORED,
    STORED,
    UPRIGHT,
    add_photo,
    choose,
    fill_sign_in,
    kept_rows,
    kill,
    open_form,
    phone,
    shot,
    sign_in,
)
from tests.support.server import Server

LATE = 60_000  # ms: others may load the machine
PIECE = "(one) => one.sha256.startsWith('piece:')"
DENIED = """() => {
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))
}"""
HEARD = """player => new Promise((done, lost) => {
  const long = () => Number.isFinite(player.duration) && player.duration > 0.5
  if (long()) return done(true)
  player.addEventListener('durationchange', () => long() && done(true))
  player.addEventListener('error', () => lost(new Error('not played')))
})"""


def test_what_is_recorded_survives_a_kill_and_is_played_at_the_desk(
    playwright: Playwright, minio: Minio, tmp_path: Path
) -> None:
    bucket, outside = minio.fresh(), f"http://{minio.endpoint}"
    server = Server(tmp_path / "server").prepare(demo=True)
    server.env |= {**bucket.env, "MINGCHA_STORE_URL": f"{bucket.url}&reads={outside}"}
    server.start()
    profile = tmp_path / "profile"
    try:
        with phone(playwright, profile, microphone=True) as context:
            page = context.pages[0]
            sign_in(page, server.url, "duchayuan")
            open_form(page, server.url, "hazard")
            choose(page, "meter_box", "JL-CH-0001")
            server.stop()
            form = page.url
            page.get_by_test_id("record-voice").click()
            recording(page)
            assert findings(page) == []
            look(page, "recording-voice-zh", whole=False)
            page.wait_for_function(
                f"async () => (await ({STORED})('photoBytes')).filter({PIECE}).length >= 3", timeout=LATE
            )
            kill(profile)
        with phone(playwright, profile, microphone=True) as context:
            page = context.pages[0]
            page.goto(form)
            expect(page.get_by_test_id("recording-found")).to_be_visible(timeout=LATE)
            expect(page.locator("[data-testid='recording'][data-role='voice'] audio")).to_have_count(1)
            assert not any(one["sha256"].startswith("piece:") for one in kept_rows(page, "photoBytes"))
            page.get_by_test_id("record-video").click()
            recording(page)
            look(page, "recording-video-zh", whole=False)
            page.get_by_test_id("recording-stop").click()
            expect(page.get_by_test_id("recording")).to_have_count(2, timeout=LATE)
            what_does_not_fit_is_said(page)
            add_photo(page, "overall", shot(UPRIGHT, tmp_path / "box.jpg"))
            page.get_by_test_id("option-MB-02").click()
            in_both_languages(page)
            page.get_by_test_id("submit").click()
            expect(page).to_have_url(re.compile("/r/"), timeout=LATE)
            record = page.url.rsplit("/", 1)[1]
            players = page.get_by_test_id("recording").locator("audio, video")
            expect(players).to_have_count(2, timeout=LATE)
            for n in range(2):
                assert players.nth(n).evaluate(HEARD)
            expect(page.get_by_test_id("open-photo")).to_have_count(1)
            server.start()
            page.goto(f"{server.url}/signin")  # the cookie was not on disk yet when it was killed
            fill_sign_in(page, "duchayuan")
            expect(page).not_to_have_url(re.compile("/signin"), timeout=LATE)
            strip = page.get_by_test_id("sync-strip")
            expect(strip).to_have_attribute("data-waiting", "0", timeout=2 * LATE)
            stored(page, server.url)
        the_desk_plays_them(playwright, server.url, outside, record)
    finally:
        server.kill()


def test_a_voice_note_goes_with_a_step_of_a_repair(playwright: Playwright, tmp_path: Path) -> None:
    server = Server(tmp_path / "server").prepare(demo=True).start()
    try:
        with signed_in(server.url, "qiangxiu") as crew:
            job = next(id_ for id_, one in crew.records("repair").items() if one["state"] == "received")
            crew.applied(crew.event("repair", job, "arrive"))
        with phone(playwright, tmp_path / "profile", microphone=True) as context:
            page = context.pages[0]
            sign_in(page, server.url, "qiangxiu")
            page.goto(f"{server.url}/job/{job}")
            page.get_by_test_id("field-locate").fill("接头松动")
            context.set_offline(True)
            page.get_by_test_id("record-voice").click()
            recording(page)
            page.get_by_test_id("recording-stop").click()
            expect(page.get_by_test_id("recording")).to_have_count(1, timeout=LATE)
            page.evaluate("() => new Promise(done => setTimeout(done, 1500))")  # the draft is written
            page.reload()
            expect(page.get_by_test_id("recording")).to_have_count(1, timeout=LATE)
            expect(page.locator(".frames__one--full")).to_have_count(0)
            page.get_by_test_id("recordings").scroll_into_view_if_needed()
            look(page, "recording-job-zh")
            page.get_by_test_id("milestone-locate").click()
            done = page.get_by_test_id("done-locate")
            expect(done).to_be_visible(timeout=LATE)
            assert done.locator("audio").evaluate(HEARD)
            context.set_offline(False)
            strip = page.get_by_test_id("sync-strip")
            expect(strip).to_have_attribute("data-waiting", "0", timeout=2 * LATE)
            [voice] = kept_rows(page, "photos")
            original = page.request.get(f"{server.url}/api/v1/photos/{voice['sha256']}/original")
            assert hashlib.sha256(original.body()).hexdigest() == voice["sha256"]
        with signed_in(server.url, "zhuguan") as supervisor:
            step = supervisor.records("repair")[job]["log"][-1]
        assert (step["type"], [one["role"] for one in step["data"]["photos"]]) == ("locate", ["voice"])
    finally:
        server.kill()


def recording(page: Page) -> None:
    """A second of it is there."""
    expect(page.get_by_test_id("recording-room")).to_have_attribute("data-stand", "on", timeout=LATE)
    expect(page.get_by_test_id("recording-time")).not_to_have_text("0:00", timeout=LATE)


def what_does_not_fit_is_said(page: Page) -> None:
    film = {"name": "old.3gp", "mimeType": "video/3gpp", "buffer": b"\0\0\0\x14ftyp3gp4"}
    page.get_by_test_id("pick-video").set_input_files(files=[film])  # type: ignore[list-item]
    expect(page.get_by_test_id("recording-refused")).to_be_visible(timeout=LATE)
    page.evaluate(DENIED)
    page.get_by_test_id("record-voice").click()
    expect(page.get_by_test_id("recording-denied")).to_be_visible(timeout=LATE)
    assert findings(page) == []
    page.get_by_test_id("recording-denied").scroll_into_view_if_needed()
    look(page, "recording-denied-zh", whole=False)


def in_both_languages(page: Page) -> None:
    for language in LANGUAGES:
        page.evaluate("() => new Promise(done => setTimeout(done, 1500))")  # the draft is written
        page.evaluate("language => localStorage.setItem('mingcha.language', language)", language)
        page.reload()
        expect(page.get_by_test_id("recording")).to_have_count(2, timeout=LATE)
        expect(page.locator(".frames__one--full")).to_have_count(1, timeout=LATE)
        page.get_by_test_id("recordings").scroll_into_view_if_needed()
        assert findings(page) == []
        look(page, f"recording-form-{language[:2]}")


def stored(page: Page, url: str) -> None:
    """Byte for byte by their hashes, and by what they are."""
    photos = kept_rows(page, "photos")
    kinds = {one["type"]: one for one in photos}
    assert set(kinds) == {"audio/webm", "video/webm", "image/jpeg"}
    for kind, one in kinds.items():
        assert one["state"] == "have"
        answer = page.request.get(f"{url}/api/v1/photos/{one['sha256']}/original")
        assert answer.headers["content-type"] == kind
        assert hashlib.sha256(answer.body()).hexdigest() == one["sha256"]


def the_desk_plays_them(playwright: Playwright, url: str, outside: str, record: str) -> None:
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    try:
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        page.add_init_script(NOT_STORED)
        read: set[str] = set()
        page.on(
            "response",
            lambda answer: answer.url.startswith(outside) and read.add(answer.request.resource_type),
        )
        barred: list[str] = []
        page.on("console", lambda said: barred.append(said.text) if "Content Security" in said.text else None)
        page.goto(f"{url}/desk/review")
        page.get_by_test_id("signin-login").fill("zhuguan")
        page.get_by_test_id("signin-password").fill(PASSWORD)
        page.get_by_test_id("signin-submit").click()
        page.locator(f"[data-testid='queue-item'][data-id='{record}']").click(timeout=LATE)
        strip = page.get_by_test_id("strip-photo")
        expect(strip).to_have_count(3, timeout=LATE)
        assert [strip.nth(i).get_attribute("data-role") for i in range(3)] == ["overall", "voice", "video"]
        for n, player in ((1, "audio"), (2, "video")):
            strip.nth(n).click()
            heard = page.locator(f".evidence [data-testid='recording'] {player}")
            expect(heard).to_have_count(1, timeout=LATE)
            assert heard.evaluate(HEARD)
            assert findings(page) == []
            look(page, f"recording-desk-{player}")
        strip.nth(0).click()
        page.get_by_test_id("original").click()
        whole = page.locator(".evidence img[src$='/original']")
        expect(whole).to_have_js_property("complete", True, timeout=LATE)
        assert whole.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        look(page, "recording-desk-original")
        assert read == {"image", "media"}, "they came from the store itself"
        assert barred == []
    finally:
        browser.close()
