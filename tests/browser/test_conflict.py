"""Two phones wrote the same field: the second one says so, and keeps what was written on it."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, Playwright, expect

from tests.support.client import signed_in
from tests.support.look import in_both_languages
from tests.support.phone import choose, open_form, phone, sign_in
from tests.support.server import Server

SLOW = 90_000
THEIRS, MINE = "电价公示栏是空的", "公示栏里是去年的电价"
THEIR_PLACE, MY_PLACE = "北关营业厅一楼", "北关营业厅门口"


def where(page: Page, wanted: str) -> None:
    expect(page.get_by_test_id("where").first).to_have_attribute("data-where", wanted, timeout=SLOW)


def clash(page: Page, url: str, id_: str, mine: dict[str, str], theirs: dict[str, str]) -> None:
    """Without a signal this phone writes `mine`; meanwhile the same person's other phone `theirs`."""
    context = page.context
    context.set_offline(True)
    page.goto(f"{url}/r/finding/{id_}")
    page.get_by_test_id("mend").click()
    for field, value in mine.items():
        page.get_by_test_id(f"field-{field}").fill(value)
    page.get_by_test_id("save").click()
    expect(page).to_have_url(re.compile("/r/finding/"))
    where(page, "local")
    with signed_in(url, "duchayuan") as other:
        known = other.records("finding")[id_]
        other.applied(other.put("finding", id_, theirs, known["rev"]))
    context.set_offline(False)
    where(page, "conflict")


def settled(page: Page, url: str, id_: str, **wanted: str) -> None:
    expect(page.get_by_test_id("conflict")).to_have_count(0)
    where(page, "sent")
    with signed_in(url, "duchayuan") as other:
        data = other.records("finding")[id_]["data"]
    for field, value in wanted.items():
        expect(page.locator("main")).to_contain_text(value)
        assert data[field] == value


def test_fields_written_on_two_phones_show_both_values_and_their_author_chooses_one_or_each(
    playwright: Playwright, tmp_path: Path
) -> None:
    server = Server(tmp_path / "data").prepare(demo=True).start()
    try:
        with phone(playwright, tmp_path / "phone") as context:
            page = context.pages[0]
            sign_in(page, server.url, "duchayuan")
            open_form(page, server.url, "finding")
            choose(page, "unit", "城关供电所")
            page.get_by_test_id("field-fact").fill("门口没有公示电价")
            page.get_by_test_id("save").click()
            expect(page).to_have_url(re.compile("/r/finding/"))
            id_ = page.url.rsplit("/", 1)[1]
            where(page, "sent")

            clash(page, server.url, id_, {"fact": MINE}, {"fact": THEIRS})
            expect(page.get_by_test_id("conflict-theirs")).to_have_text(THEIRS)
            expect(page.get_by_test_id("conflict-mine")).to_have_text(MINE)
            in_both_languages(page, "conflict-record", "conflict")
            page.goto(f"{server.url}/sync")
            expect(page.get_by_test_id("conflict")).to_contain_text("“事实”两处都改了")
            page.goto(f"{server.url}/r/finding/{id_}")
            page.get_by_test_id("keep-mine").click()
            settled(page, server.url, id_, fact=MINE)

            clash(page, server.url, id_, {"fact": "又一次"}, {"fact": THEIRS})
            page.get_by_test_id("keep-theirs").click()
            settled(page, server.url, id_, fact=THEIRS)

            mine = {"fact": MINE, "place": MY_PLACE}
            clash(page, server.url, id_, mine, {"fact": f"{THEIRS}。", "place": THEIR_PLACE})
            expect(page.get_by_test_id("keep-picked")).to_be_disabled()

            def half(page: Page) -> None:
                page.get_by_test_id("choice-fact").get_by_text(MINE).click()

            in_both_languages(page, "conflict-fields", "choice-place", half)
            page.get_by_test_id("choice-place").get_by_text(THEIR_PLACE).click()
            page.get_by_test_id("keep-picked").click()
            settled(page, server.url, id_, fact=MINE, place=THEIR_PLACE)
    finally:
        server.kill()
