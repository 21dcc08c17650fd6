"""Everybody can use the phone: axe finds nothing on its screens, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from tests.support.axe import findings
from tests.support.client import signed_in, uuid7
from tests.support.phone import VISIBLE, add_photo, phone, sign_in
from tests.support.server import Server

NOT_HERE = {"zh-CN": "本机没有这条记录", "en": "This record is not on the phone"}


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_axe_finds_nothing_on_the_phone(playwright: Playwright, tmp_path: Path, locale: str) -> None:
    server = Server(tmp_path / "data").prepare(demo=True).start()
    found: dict[str, list[str]] = {}
    try:
        with signed_in(server.url, "duchayuan") as inspector:
            mine = [one for one in inspector.records().values() if one["state"] == "returned"]
            returned = next(
                (one["kind"], one["id"]) for one in mine if one["kind"] in ("infrared", "finding")
            )
        with phone(playwright, tmp_path / "inspector", locale) as context:
            context.add_init_script(f"localStorage.setItem('mingcha.language', '{locale}')")
            page = context.pages[0]
            page.goto(f"{server.url}/signin")
            found["signin"] = findings(page)
            sign_in(page, server.url, "duchayuan")
            for path in ("", "ready", "record", "find", "me", "sync", "points"):
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
            page.goto(f"{server.url}/r/finding/{uuid7()}")
            expect(page.get_by_text(NOT_HERE[locale])).to_be_visible()
            found["record that is not here"] = findings(page)
            kind, id_ = returned
            page.goto(f"{server.url}/r/{kind}/{id_}")
            expect(page.get_by_test_id("return-reason")).to_be_visible()
            found["returned record"] = findings(page)
            page.get_by_test_id("mend").click()
            expect(page.get_by_test_id("submit")).to_be_visible()
            found["returned record, form"] = findings(page)
            page.goto(f"{server.url}/me")
            page.get_by_test_id("sign-out").click()
            expect(page.get_by_role("dialog")).to_be_visible()
            found["question before signing out"] = findings(page)
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
            todo = page.locator('[data-testid^="milestone-"]')
            for name in ("receive", "arrive", "locate", "repair", "restore"):
                if todo.get_attribute("data-testid") != f"milestone-{name}":
                    continue
                if name in ("locate", "repair"):
                    page.get_by_test_id("chip").first.click()
                if name == "restore":
                    todo.click()
                    expect(page.get_by_test_id("missing")).to_be_visible()
                    found["job, photo missing"] = findings(page)
                    add_photo(page, "after", VISIBLE)
                todo.click()
                expect(page.get_by_test_id("held")).to_be_visible()
                found[f"job, {name} held"] = findings(page)
                expect(page.get_by_test_id(f"done-{name}")).to_be_visible(timeout=20_000)
                found[f"job, {name} done"] = findings(page)
            assert "job, restore done" in found
    finally:
        server.kill()
    assert {screen: some for screen, some in found.items() if some} == {}
