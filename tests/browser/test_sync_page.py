"""The sync page: photos wait for the line that was chosen, go on at the byte; it says how long to keep the app open."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, Playwright, Request, Route, expect

from tests.support.client import signed_in
from tests.support.look import in_both_languages, look
from tests.support.phone import VISIBLE as LARGE
from tests.support.phone import Shots, fill_finding, fill_hazard, phone, shot, sign_in, submit
from tests.support.server import Server

# A phone that tells its line, and what it was asked of its screen.
DEVICE = """
const line = new EventTarget()
line.type = localStorage.getItem('test.line') ?? 'cellular'
Object.defineProperty(navigator, 'connection', { value: line, configurable: true })
window.screenAsked = []
Object.defineProperty(navigator, 'wakeLock', { configurable: true, value: { request: async () => {
    window.screenAsked.push('on')
    return { release: async () => void window.screenAsked.push('off') }
} } })
"""
COMES_BACK = "document.dispatchEvent(new Event('visibilitychange'))"
FORGET_BYTES = """async (person) => new Promise((done) => {
    const asked = indexedDB.open(`mingcha-${person}`)
    asked.onsuccess = () => {
        const work = asked.result.transaction('photoBytes', 'readwrite')
        work.objectStore('photoBytes').clear()
        work.oncomplete = () => { asked.result.close(); done(true) }
    }
})"""


CHOSEN = """async ([person, when]) => new Promise((done) => {
    const asked = indexedDB.open(`mingcha-${person}`)
    asked.onsuccess = () => {
        const kept = asked.result.transaction('meta').objectStore('meta').get('photoPolicy')
        kept.onsuccess = () => { asked.result.close(); done(kept.result?.value?.when === when) }
    }
})"""


def choose(page: Page, when: str) -> None:
    """The choice is kept a moment after the press: the page is not left before."""
    page.get_by_test_id(f"option-{when}").click(force=True)
    person = page.evaluate("async () => (await (await fetch('/api/v1/session')).json()).person.id")
    page.wait_for_function(CHOSEN, arg=[person, when], timeout=60_000)


def take_line(page: Page, kind: str) -> None:
    page.evaluate(
        "kind => { localStorage.setItem('test.line', kind); navigator.connection.type = kind;"
        " navigator.connection.dispatchEvent(new Event('change')) }",
        kind,
    )


def test_photos_wait_for_the_line_that_was_chosen_and_go_on_at_the_byte(
    playwright: Playwright, tmp_path: Path
) -> None:
    server = Server(tmp_path / "data").prepare(demo=True).start()
    shots = Shots.taken(tmp_path / "shots")
    offsets: list[int] = []
    try:
        with phone(playwright, tmp_path / "profile") as context:
            context.add_init_script(DEVICE)
            page = context.pages[0]
            sign_in(page, server.url, "duchayuan")
            page.goto(f"{server.url}/sync")
            expect(page.get_by_test_id("sent-today")).to_have_text("今天还没有传照片")
            choose(page, "wifi")

            fill_hazard(page, server.url, shots.visible)
            hazard = submit(page, "sending")  # the record itself does not wait
            strip = page.get_by_test_id("sync-strip")
            expect(strip).to_contain_text("1 张照片 待传 · 照片等 Wi-Fi", timeout=60_000)
            with signed_in(server.url, "duchayuan") as client:
                assert client.records()[hazard]["missing"], "the record came first, its photo has not"
            strip.click()
            photo = page.get_by_test_id("queue-photo")
            expect(photo).to_have_attribute("data-stand", "wifi")
            expect(photo).to_contain_text(re.compile(r"\d\.\d MB"))
            card = page.get_by_test_id("send-card")
            expect(card).to_have_attribute("data-held", "wifi")
            expect(page.get_by_test_id("rescue-export")).to_be_visible()
            in_both_languages(page, "sync-held", "send-card")

            held: list[Route] = []

            def piece(route: Route, request: Request) -> None:
                if request.method != "PATCH":
                    return route.continue_()
                offsets.append(int(request.headers["upload-offset"]))
                if len(offsets) == 2:
                    held.append(route)  # until the screen goes off
                    return None
                return route.continue_()

            page.route(re.compile("/api/v1/uploads/"), piece)
            page.get_by_test_id("field-wake").check(force=True)
            assert page.evaluate("window.screenAsked") == [], "nothing goes: the screen may sleep"
            take_line(page, "wifi")
            expect(photo).to_have_attribute("data-stand", "sending", timeout=60_000)
            expect(card).to_contain_text(re.compile("请保持应用打开：1 张照片，约 \\d+ 分钟"), timeout=60_000)
            expect(page.get_by_test_id("sent-today")).to_contain_text(
                re.compile("今天已传照片 (512 KB|0.5 MB)")
            )
            assert page.evaluate("window.screenAsked") == ["on"]
            look(page, "sync-sending")
            assert len(offsets) == 2
            held[0].abort()  # the screen goes off, the line with it
            expect(photo).to_have_attribute("data-stand", "part", timeout=60_000)
            page.evaluate(COMES_BACK)
            expect(strip).to_have_attribute("data-waiting", "0", timeout=90_000)
            assert offsets[2] == offsets[1] > 0, f"it went on where it stood: {offsets}"
            expect(card).to_have_count(0)
            assert page.evaluate("window.screenAsked").count("off") >= 1
            expect(page.get_by_test_id("sent-today")).to_contain_text(re.compile(r"今天已传照片 \d\.\d MB"))
            page.unroute(re.compile("/api/v1/uploads/"))

            choose(page, "now")
            fill_finding(page, server.url, shots.proof)
            first = submit(page, "sending")
            fill_hazard(page, server.url, shot(LARGE, tmp_path / "later.jpg"))
            later = submit(page, "sending")
            page.goto(f"{server.url}/sync")
            expect(page.get_by_test_id("queue-photo")).to_have_count(2, timeout=60_000)
            expect(card).to_have_attribute("data-held", "now")
            page.get_by_test_id(f"first-{first}").click()
            expect(page.get_by_test_id(f"queue-{first}")).to_have_count(0, timeout=60_000)
            expect(page.get_by_test_id(f"queue-{later}")).to_be_visible()
            page.get_by_test_id("photos-now").click()
            expect(strip).to_have_attribute("data-waiting", "0", timeout=90_000)
            in_both_languages(page, "sync-done", "sent-today")

            person = page.evaluate("async () => (await (await fetch('/api/v1/session')).json()).person.id")
            page.evaluate(FORGET_BYTES, person)
            server.stop()
            page.goto(f"{server.url}/r/hazard/{later}")
            shown = page.locator("main img").first
            expect(shown).to_have_js_property("complete", True)
            assert (
                shown.evaluate("image => image.naturalWidth") == 320
                or shown.evaluate("image => image.naturalHeight") == 320
            ), "the small picture stays"
    finally:
        server.kill()
