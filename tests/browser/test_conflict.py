"""Two phones wrote the same field: the second one says so, and keeps what was written on it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from tests.support.axe import findings
from tests.support.client import signed_in
from tests.support.phone import choose, open_form, phone, sign_in
from tests.support.server import Server

FIRST, THEIRS, MINE = "门口没有公示电价", "电价公示栏是空的", "公示栏里是去年的电价"


@pytest.mark.parametrize(("choice", "wins"), [("keep-mine", MINE), ("keep-theirs", THEIRS)])
def test_a_field_written_on_two_phones_shows_both_values_and_its_author_chooses(
    playwright: Playwright, tmp_path: Path, choice: str, wins: str
) -> None:
    server = Server(tmp_path / "data").prepare(demo=True).start()
    try:
        with phone(playwright, tmp_path / "phone") as context:
            page = context.pages[0]
            sign_in(page, server.url, "duchayuan")
            open_form(page, server.url, "finding")
            choose(page, "unit", "城关供电所")
            page.get_by_test_id("field-fact").fill(FIRST)
            page.get_by_test_id("save").click()
            expect(page).to_have_url(re.compile("/r/finding/"))
            id_ = page.url.rsplit("/", 1)[1]
            where = page.get_by_test_id("where").first
            expect(where).to_have_attribute("data-where", "sent", timeout=30_000)

            context.set_offline(True)
            page.get_by_test_id("mend").click()
            page.get_by_test_id("field-fact").fill(MINE)
            page.get_by_test_id("save").click()
            expect(page).to_have_url(re.compile("/r/finding/"))
            expect(where).to_have_text("未上传")
            with signed_in(server.url, "duchayuan") as other:
                known = other.records("finding")[id_]
                other.applied(other.put("finding", id_, {"fact": THEIRS}, known["rev"]))

            context.set_offline(False)
            expect(where).to_have_attribute("data-where", "conflict", timeout=90_000)
            expect(where).to_have_text("有冲突")
            expect(page.get_by_test_id("conflict-theirs")).to_have_text(THEIRS)
            expect(page.get_by_test_id("conflict-mine")).to_have_text(MINE)
            assert findings(page) == []
            page.goto(f"{server.url}/sync")
            expect(page.get_by_test_id("conflict")).to_contain_text("“事实”两处都改了")
            expect(page.get_by_test_id("conflict-mine")).to_have_text(MINE)
            page.goto(f"{server.url}/r/finding/{id_}")
            page.get_by_test_id(choice).click()
            expect(page.get_by_test_id("conflict")).to_have_count(0)
            expect(where).to_have_attribute("data-where", "sent", timeout=30_000)
            expect(page.locator("main")).to_contain_text(wins)
            with signed_in(server.url, "duchayuan") as other:
                assert other.records("finding")[id_]["data"]["fact"] == wins
    finally:
        server.kill()
