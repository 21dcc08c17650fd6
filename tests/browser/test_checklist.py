"""A checklist item's own questions, from the phone without a network to the desk."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, Playwright, expect

from tests.support.client import signed_in
from tests.support.look import in_both_languages, look
from tests.support.phone import UPRIGHT, add_photo, choose, open_form, phone, shot, sign_in
from tests.support.server import Server

SLOW = 90_000
DESK = {"width": 1440, "height": 900}


def all_sent(page: Page) -> None:
    strip = page.get_by_test_id("sync-strip")
    expect(strip).to_have_attribute("data-waiting", "0", timeout=SLOW)
    expect(strip).to_have_attribute("data-phase", "idle", timeout=SLOW)


def field(page: Page, name: str) -> str:
    return f"field-sheet-{name}"


def moment(page: Page, name: str, local: str) -> None:
    page.get_by_test_id(field(page, name)).fill(local)


def pick(page: Page, name: str, value: str) -> None:
    page.get_by_test_id(field(page, name)).get_by_test_id(f"option-{value}").check(force=True)


def begin(page: Page, url: str, item: str, photo: Path) -> None:
    open_form(page, url, "finding")
    choose(page, "unit", "城关供电所")
    choose(page, "item", item)
    page.get_by_test_id("field-fact").fill("现场核对")
    add_photo(page, "evidence", photo)
    expect(page.get_by_test_id("sheet")).to_be_visible()


def handed_in(page: Page) -> str:
    page.get_by_test_id("submit").click()
    expect(page).to_have_url(re.compile("/r/finding/"), timeout=SLOW)
    return page.url.rsplit("/", 1)[1]


def late_arrival(page: Page, url: str, photo: Path) -> str:
    """A limit with its message, a warning, a question that hangs on another, a calculated time."""
    begin(page, url, "QX-01", photo)
    moment(page, "reported_at", "2026-11-24T10:00")
    moment(page, "arrived_at", "2026-11-24T09:00")
    arrived = page.get_by_test_id("sheet").locator(
        ".field", has=page.get_by_test_id(field(page, "arrived_at"))
    )
    expect(arrived.get_by_role("alert")).to_have_text("到达不能早于报修，请核对两个时间")
    moment(page, "arrived_at", "2026-11-24T10:30")
    expect(arrived.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_test_id(field(page, "took_min"))).to_contain_text("30 分钟")
    expect(page.get_by_test_id("warning-sheet-took_min")).to_be_visible()
    moment(page, "arrived_at", "2026-11-24T11:15")
    expect(page.get_by_test_id(field(page, "took_min"))).to_contain_text("75 分钟")
    expect(page.get_by_test_id("warning-sheet-took_min")).to_have_count(0)
    expect(page.get_by_test_id(field(page, "cause_text"))).to_have_count(0)
    pick(page, "cause", "other")
    page.get_by_test_id("submit").click()
    expect(page.get_by_test_id("missing")).to_contain_text("还没填“是什么原因”")
    page.get_by_test_id(field(page, "cause_text")).fill("修路绕行")
    pick(page, "told", "false")
    page.get_by_test_id(field(page, "crew_size")).fill("3")
    page.get_by_test_id("sheet").scroll_into_view_if_needed()
    look(page, "sheet-arrival-zh")
    return handed_in(page)


def test_an_items_questions_are_answered_offline_and_read_at_the_desk(
    playwright: Playwright, tmp_path: Path
) -> None:
    server = Server(tmp_path / "data").prepare(demo=True).start()
    try:
        with phone(playwright, tmp_path / "inspector") as context:
            page = context.pages[0]
            sign_in(page, server.url, "duchayuan")
            context.set_offline(True)
            arrival = late_arrival(page, server.url, shot(UPRIGHT, tmp_path / "arrival.jpg"))
            context.set_offline(False)
            all_sent(page)
            in_both_languages(page, "sheet-record", "where")

        with signed_in(server.url, "zhuguan") as supervisor:
            found = supervisor.records("finding")[arrival]
            assert (found["state"], found["facts"]["calculated"]) == ("submitted", {"took_min": 75})

        with phone(playwright, tmp_path / "desk") as context:
            page = context.pages[0]
            page.set_viewport_size(DESK)
            sign_in(page, server.url, "zhuguan")
            page.goto(f"{server.url}/desk/review")

            def chosen(page: Page) -> None:
                page.locator(f"[data-testid='queue-item'][data-id='{arrival}']").click()
                expect(page.get_by_test_id("sheet")).to_contain_text("75", timeout=SLOW)

            in_both_languages(page, "sheet-desk", "queue-item", chosen)
    finally:
        server.kill()
