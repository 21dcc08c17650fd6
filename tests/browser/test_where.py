"""Where is my record, and a phone whose clock is wrong: on the phone and at the desk, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, Playwright, expect

from sync.tables import operation
from tests.support.look import in_both_languages
from tests.support.phone import Shots, fill_hazard, phone, sign_in, submit
from tests.support.server import Server
from tests.support.stored import rows

pytestmark = pytest.mark.timeout(900)
SLOW = 90_000
DESK = {"width": 1440, "height": 900}
# The page's wall clock runs `ahead` ms before the true one; its monotonic clock is untouched.
WRONG_CLOCK = """(() => {
  const Real = Date
  globalThis.ahead = 720000
  globalThis.Date = class extends Real {
    constructor(...given) { given.length > 0 ? super(...given) : super(Real.now() + globalThis.ahead) }
    static now() { return Real.now() + globalThis.ahead }
  }
})()"""
AHEAD = re.compile("快 12 分钟|12 min ahead")
ALL_HERE = re.compile(r"照片 ([1-9]) / \1 已到|([1-9]) of \2 photos are here")
SIGNAL = re.compile("没有信号.*后再试|no signal.*tries again", re.IGNORECASE)
ROLE = re.compile("审核主管|reviewing supervisor")


def sent(page: Page) -> None:
    strip = page.get_by_test_id("sync-strip")
    expect(strip).to_have_attribute("data-waiting", "0", timeout=SLOW)
    expect(strip).to_have_attribute("data-phase", "idle", timeout=SLOW)


def skews(server: Server, record: str) -> list[tuple[int, int | None]]:
    t = operation.c
    found = rows(server, sa.select(t.skew_ms, t.skew_error_ms).where(t.id == record).order_by(t.n))
    return [tuple(row) for row in found]


def told_ahead(page: Page) -> None:
    expect(page.get_by_test_id("clock-notice")).to_contain_text(AHEAD, timeout=SLOW)


def waits_here(page: Page) -> None:
    expect(page.get_by_test_id("where-local")).to_have_attribute(
        "data-headline", re.compile("waiting|sending"), timeout=SLOW
    )
    expect(page.get_by_test_id("where-reason")).to_contain_text(SIGNAL, timeout=SLOW)
    expect(page.get_by_test_id("where-server")).to_have_attribute("data-state", "offline", timeout=SLOW)
    expect(page.get_by_test_id("where-photo").first).to_have_attribute("data-place", "waiting")


def is_there(page: Page) -> None:
    expect(page.get_by_test_id("where-local")).to_have_attribute("data-headline", "sent", timeout=SLOW)
    expect(page.get_by_test_id("where-server")).to_have_attribute("data-state", "here", timeout=SLOW)
    expect(page.get_by_test_id("where-waits")).to_contain_text(ROLE)
    expect(page.get_by_test_id("where-op").first).to_have_attribute("data-place", "sent")
    expect(page.get_by_test_id("where-photos")).to_have_text(ALL_HERE)


def test_a_record_is_found_at_every_step_by_phone_and_desk_and_a_wrong_clock_is_told_and_corrected(
    playwright: Playwright, tmp_path: Path
) -> None:
    server = Server(tmp_path / "data").prepare(demo=True).start()
    try:
        with phone(playwright, tmp_path / "profile") as context:
            context.set_default_timeout(60_000)
            context.add_init_script(WRONG_CLOCK)
            page = context.pages[0]
            sign_in(page, server.url, "duchayuan")
            page.goto(f"{server.url}/")
            in_both_languages(page, "today-clock", "clock-notice", told_ahead)

            server.stop()
            fill_hazard(page, server.url, Shots.taken(tmp_path / "shots").box)
            record = submit(page)
            page.get_by_test_id("where-line").click()
            in_both_languages(page, "where-waiting", "where-local", waits_here)
            page.goto(f"{server.url}/sync")
            in_both_languages(page, "sync-offline", "clock-notice", told_ahead)
            page.get_by_test_id("to-where").click()
            in_both_languages(page, "where-list", "where-hit")
            hit = page.get_by_test_id("where-hit").first
            expect(hit.locator("[data-headline]")).to_have_attribute(
                "data-headline", re.compile("waiting|sending")
            )

            server.start()
            sent(page)
            hit.click()
            in_both_languages(page, "where-sent", "where-server", is_there)
            before = skews(server, record)
            assert before  # the event; a plain put stands in its push
            for skew, error in before:
                assert error is not None
                assert abs(skew + 720_000) <= error <= 30_000, before
        with phone(playwright, tmp_path / "desk") as context:
            page = context.pages[0]
            page.set_viewport_size(DESK)
            sign_in(page, server.url, "zhuguan")
            at_the_desk(page, server.url, record)
    finally:
        server.kill()


def at_the_desk(page: Page, url: str, record: str) -> None:
    """The number leads to the answer, the answer to the record; a name and a device are found too."""
    page.goto(f"{url}/desk/where")

    def devices(page: Page) -> None:
        clocks = page.get_by_test_id("device-line").filter(has_text="王建国").get_by_test_id("device-clock")
        expect(clocks.filter(has_text=AHEAD).first).to_be_visible(timeout=SLOW)

    in_both_languages(page, "desk-where", "device-line", devices, whole=False)

    def ask(typed: str) -> None:
        page.get_by_test_id("where-input").fill(typed)
        page.get_by_test_id("where-ask").click()

    ask("no such thing")
    expect(page.locator("main")).to_contain_text("没有叫这个的记录")
    ask("JL-CH-0001")
    expect(page.get_by_test_id("where-name").first).to_be_visible()
    ask(record)
    answer = page.get_by_test_id("where-server")

    def answered(page: Page) -> None:
        expect(answer).to_have_attribute("data-state", "here", timeout=SLOW)
        expect(page.get_by_test_id("where-waits")).to_contain_text(ROLE)
        expect(page.get_by_test_id("where-photos")).to_have_text(ALL_HERE)
        expect(page.locator("main")).to_contain_text("王建国")

    in_both_languages(page, "desk-where-answer", "where-server", answered, whole=False)
    page.get_by_test_id("where-open").click()
    chosen = page.locator(f"[data-testid='queue-item'][data-id='{record}']")
    expect(chosen).to_have_attribute("aria-current", "true", timeout=SLOW)

    def judged(page: Page) -> None:
        expect(chosen).to_have_attribute("aria-current", "true", timeout=SLOW)
        expect(page.get_by_test_id("happened").get_by_test_id("device-clock")).to_contain_text(AHEAD)

    in_both_languages(page, "desk-review-clock", "queue-item", judged, whole=False)
    page.get_by_test_id("to-where").click()
    expect(answer).to_have_attribute("data-state", "here", timeout=SLOW)
