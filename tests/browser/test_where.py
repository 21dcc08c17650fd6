"""Where is my record, and a phone whose clock is wrong: on the phone, in both languages."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, Playwright, expect

from sync.tables import operation
from tests.support.axe import findings
from tests.support.phone import Shots, fill_hazard, phone, sign_in, submit
from tests.support.server import Server
from tests.support.stored import rows

pytestmark = pytest.mark.timeout(900)
SLOW = 90_000
# The page's wall clock runs `ahead` ms before the true one; its monotonic clock is untouched.
WRONG_CLOCK = """(() => {
  const Real = Date
  globalThis.ahead = 720000
  globalThis.Date = class extends Real {
    constructor(...given) { given.length > 0 ? super(...given) : super(Real.now() + globalThis.ahead) }
    static now() { return Real.now() + globalThis.ahead }
  }
})()"""
WORDS = {
    "zh-CN": {"ahead": "快 12 分钟", "signal": "没有信号", "role": "审核主管", "again": "后再试"},
    "en": {
        "ahead": "12 min ahead",
        "signal": "no signal",
        "role": "reviewing supervisor",
        "again": "tries again",
    },
}


def look(page: Page, name: str) -> None:
    """A picture for a person to look at, when MINGCHA_PICTURES names a folder."""
    if folder := os.environ.get("MINGCHA_PICTURES"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def sent(page: Page) -> None:
    strip = page.get_by_test_id("sync-strip")
    expect(strip).to_have_attribute("data-waiting", "0", timeout=SLOW)
    expect(strip).to_have_attribute("data-phase", "idle", timeout=SLOW)


def skews(server: Server, record: str) -> list[tuple[int, int | None]]:
    t = operation.c
    found = rows(server, sa.select(t.skew_ms, t.skew_error_ms).where(t.id == record).order_by(t.n))
    return [tuple(row) for row in found]


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_a_record_is_found_at_every_step_and_a_wrong_clock_is_told_and_corrected(
    playwright: Playwright, tmp_path: Path, locale: str
) -> None:
    words = WORDS[locale]
    server = Server(tmp_path / "data").prepare(demo=True).start()
    shots = Shots.taken(tmp_path / "shots")
    try:
        with phone(playwright, tmp_path / "profile", locale) as context:
            context.set_default_timeout(60_000)
            context.add_init_script(f"localStorage.setItem('mingcha.language', '{locale}')")
            context.add_init_script(WRONG_CLOCK)
            page = context.pages[0]
            sign_in(page, server.url, "duchayuan")
            page.goto(f"{server.url}/")
            expect(page.get_by_test_id("clock-notice")).to_contain_text(words["ahead"], timeout=SLOW)
            look(page, f"today-{locale}")

            server.stop()
            fill_hazard(page, server.url, shots.box)
            record = submit(page)
            page.get_by_test_id("where-line").click()
            local, answer = page.get_by_test_id("where-local"), page.get_by_test_id("where-server")
            expect(local).to_have_attribute("data-headline", re.compile("waiting|sending"), timeout=SLOW)
            expect(page.get_by_test_id("where-reason")).to_contain_text(words["signal"], timeout=SLOW)
            expect(page.get_by_test_id("where-reason")).to_contain_text(words["again"])
            expect(answer).to_have_attribute("data-state", "offline", timeout=SLOW)
            expect(page.get_by_test_id("where-photo").first).to_have_attribute("data-place", "waiting")
            look(page, f"where-waiting-{locale}")
            page.goto(f"{server.url}/sync")
            expect(page.get_by_test_id("clock-notice")).to_be_visible(timeout=SLOW)
            look(page, f"sync-{locale}")
            page.get_by_test_id("to-where").click()
            hit = page.get_by_test_id("where-hit").first
            expect(hit.locator("[data-headline]")).to_have_attribute(
                "data-headline", re.compile("waiting|sending")
            )
            look(page, f"where-made-{locale}")

            server.start()
            sent(page)
            hit.click()
            expect(local).to_have_attribute("data-headline", "sent", timeout=SLOW)
            expect(answer).to_have_attribute("data-state", "here", timeout=SLOW)
            expect(page.get_by_test_id("where-waits")).to_contain_text(words["role"])
            expect(page.get_by_test_id("where-op").first).to_have_attribute("data-place", "sent")
            assert findings(page) == []
            look(page, f"where-sent-{locale}")
            before = skews(server, record)
            assert before  # the event; a plain put stands in its push
            for skew, error in before:
                assert error is not None
                assert abs(skew + 720_000) <= error <= 30_000, before
    finally:
        server.kill()
