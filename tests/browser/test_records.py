"""The list of records at the desk: by keyboard, in the address, in saved views, and long."""

from __future__ import annotations

import asyncio
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, Playwright, expect

from backend.app import build
from backend.lists import keep
from backend.lists.tables import listing
from backend.settings import load
from tests.support.look import in_both_languages, look
from tests.support.phone import phone, sign_in
from tests.support.server import Server

pytestmark = pytest.mark.timeout(900)
SLOW = 90_000
MANY = int(os.environ.get("MINGCHA_LIST_ROWS", "3000"))


def fill(server: Server) -> None:
    """Many more rows in the list, like those that are there."""

    async def copy() -> None:
        parts = build(load(server.env))
        async with parts.db.write() as conn:
            known = [dict(row._mapping) for row in await conn.execute(sa.select(listing))]
            work = [row for row in known if row["kind"] == "infrared" and row["scope"].startswith("u:")]
            for start in range(0, MANY, 1000):
                made = [
                    work[i % len(work)]
                    | {"id": f"copy-{i:08}", "at": f"2025-01-01T00:00:{i % 60:02}.{i:06}Z"}
                    for i in range(start, start + 1000)
                ]
                await keep.put(conn, made)
        parts.passwords.close()
        await parts.db.close()

    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, copy()).result()


def total(page: Page) -> int:
    expect(page.get_by_test_id("records")).to_have_attribute("data-total", re.compile(r"\d+"), timeout=SLOW)
    return int(page.get_by_test_id("records").get_attribute("data-total") or 0)


def test_the_list_is_walked_filtered_kept_and_read_to_its_far_end(
    playwright: Playwright, tmp_path: Path
) -> None:
    server = Server(tmp_path / "data").prepare(demo=True).start()
    try:
        fill(server)
        with phone(playwright, tmp_path / "desk") as context:
            page = context.pages[0]
            page.set_viewport_size({"width": 1440, "height": 900})
            sign_in(page, server.url, "zhuguan")
            page.goto(f"{server.url}/desk/records")
            in_both_languages(page, "desk-records", "record", whole=False)
            everything = total(page)
            assert everything > MANY
            drawn = page.get_by_test_id("record").count()
            assert drawn < 60

            page.get_by_test_id("records").focus()
            page.keyboard.press("End")
            last = page.locator(f"[data-n='{everything - 1}'][data-id]")
            expect(last).to_be_visible(timeout=SLOW)
            expect(last).to_have_attribute("data-id", "copy-00000000")
            page.keyboard.press("Home")
            expect(page.locator("[data-n='0'][data-id]")).to_be_visible(timeout=SLOW)

            page.keyboard.press("j")
            expect(page.locator(".records__row--at")).to_have_attribute("data-n", "1")
            page.keyboard.press("Space")
            expect(page.get_by_test_id("desk-status")).to_contain_text("1")
            expect(page.locator("[data-n='1']")).to_have_attribute("aria-selected", "true")

            page.get_by_test_id("records-kind").select_option("repair")
            page.wait_for_url("**/desk/records?kind=repair")
            repairs = total(page)
            assert 0 < repairs < 100
            page.get_by_test_id("records-status").select_option("restored")
            page.wait_for_url("**status=restored")
            page.get_by_test_id("records-sort-grade").click()
            page.wait_for_url("**sort=-grade")
            page.get_by_test_id("records-take").locator("summary").click()
            look(page, "desk-records-take", whole=False)
            with page.expect_download(timeout=SLOW) as taken:
                page.get_by_test_id("records-csv").click()
            table = taken.value.path().read_text("utf-8-sig").splitlines()
            assert taken.value.suggested_filename == "records.csv"
            assert len(table) == total(page) + 1
            page.get_by_test_id("records-take").locator("summary").click()
            page.get_by_test_id("records-view-save").click()
            page.get_by_test_id("records-view-name").fill("待审抢修")
            page.keyboard.press("Enter")
            expect(page.get_by_test_id("records-views")).to_have_value("待审抢修", timeout=SLOW)
            page.get_by_test_id("records-clear").click()
            page.wait_for_url("**/desk/records")
            page.reload()
            expect(page.get_by_test_id("record").first).to_be_visible(timeout=SLOW)
            page.get_by_test_id("records-views").select_option("待审抢修")
            page.wait_for_url("**kind=repair**status=restored**sort=-grade")
            page.get_by_test_id("records-view-forget").click()
            expect(page.get_by_test_id("records-views")).to_have_count(0)

            page.get_by_test_id("records-clear").click()
            page.keyboard.press("/")
            page.keyboard.type("no such thing anywhere")
            expect(page.get_by_test_id("records-none")).to_be_visible(timeout=SLOW)
            page.set_viewport_size({"width": 1280, "height": 720})
            page.get_by_test_id("records-clear").click()
            expect(page.get_by_test_id("record").first).to_be_visible(timeout=SLOW)
            for language in ("en", "zh-CN"):
                page.evaluate("language => localStorage.setItem('mingcha.language', language)", language)
                page.reload()
                expect(page.get_by_test_id("record").first).to_be_visible(timeout=SLOW)
                look(page, f"desk-records-1280-{language[:2]}", whole=False)
            page.get_by_test_id("records").focus()
            page.keyboard.press("Enter")
            expect(page).not_to_have_url(f"{server.url}/desk/records")
    finally:
        server.kill()
