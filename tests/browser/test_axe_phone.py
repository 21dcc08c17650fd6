"""Everybody can use the phone: axe finds nothing on its screens, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from tests.support.axe import findings
from tests.support.phone import phone, sign_in
from tests.support.server import Server


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_axe_finds_nothing_on_the_phone(playwright: Playwright, tmp_path: Path, locale: str) -> None:
    server = Server(tmp_path / "data").prepare(demo=True).start()
    found: dict[str, list[str]] = {}
    try:
        with phone(playwright, tmp_path / "inspector", locale) as context:
            context.add_init_script(f"localStorage.setItem('mingcha.language', '{locale}')")
            page = context.pages[0]
            page.goto(f"{server.url}/signin")
            found["signin"] = findings(page)
            sign_in(page, server.url, "duchayuan")
            for path in ("", "record", "find", "me", "sync", "points"):
                page.goto(f"{server.url}/{path}")
                expect(page.get_by_test_id("sync-strip")).to_be_visible()
                found[path or "today"] = findings(page)
            for kind, picker in (("infrared", "equipment"), ("hazard", "meter_box"), ("finding", "item")):
                page.goto(f"{server.url}/record")
                page.get_by_test_id(f"new-{kind}").click()
                page.get_by_test_id("submit").click()
                expect(page.get_by_test_id("missing")).to_be_visible()
                found[kind] = findings(page)
                page.get_by_test_id(f"field-{picker}").click()
                expect(page.get_by_test_id(f"search-{picker}")).to_be_visible()
                found[f"{kind}, {picker} open"] = findings(page)
            page.goto(f"{server.url}/record")
            page.get_by_test_id("record-line").first.click()
            expect(page.get_by_test_id("where").first).to_be_visible()
            found["record"] = findings(page)
            page.goto(f"{server.url}/find")
            page.get_by_test_id("field-find").fill("CH-0001")
            page.get_by_test_id("found-CH-0001").click()
            expect(page.get_by_test_id("thing-start")).to_be_visible()
            found["equipment"] = findings(page)
            page.goto(f"{server.url}/record")
            page.locator('[data-testid="record-line"][href*="/r/infrared/"]').last.click()
            page.get_by_test_id("open-photo").first.click()
            expect(page.get_by_test_id("viewer")).to_be_visible()
            found["photo"] = findings(page)
        with phone(playwright, tmp_path / "crew", locale) as context:
            page = context.pages[0]
            sign_in(page, server.url, "qiangxiu")
            page.get_by_test_id("go-repair").first.click()
            expect(page.get_by_test_id("repair-clock")).to_be_visible()
            found["job"] = findings(page)
    finally:
        server.kill()
    assert {screen: some for screen, some in found.items() if some} == {}
