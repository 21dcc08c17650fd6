"""The list of records at the desk: by keyboard, in the address, in saved views, and long."""

from __future__ import annotations

import asyncio
import os
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook
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


def open_menu(page: Page) -> None:
    """What is exported, with those that are made in the background."""
    page.get_by_test_id("records-take").locator("summary").click()
    expect(page.get_by_test_id("export-link")).to_be_visible(timeout=SLOW)


def total(page: Page) -> int:
    expect(page.get_by_test_id("records")).to_have_attribute("data-total", re.compile(r"\d+"), timeout=SLOW)
    return int(page.get_by_test_id("records").get_attribute("data-total") or 0)


def zeros_and_coverage(page: Page, server: Server) -> None:
    """Each number opens as many records, by keyboard, within its unit and its days."""
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{server.url}/desk/zeros?period=year")
    in_both_languages(page, "desk-zeros", "zeros", whole=False)
    for row in ("county", "station"):
        line = (
            page.get_by_test_id("zeros-county")
            if row == "county"
            else page.locator("[data-testid=zeros] tbody tr").nth(1)
        )
        number = line.locator("a").first
        expect(number).to_be_visible(timeout=SLOW)
        wanted = int(number.inner_text())
        number.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk/records?zero=Z*")
        expect(page.get_by_test_id("records-zero")).to_be_visible(timeout=SLOW)
        assert total(page) == wanted
        assert ("unit=" in page.url) == (row == "station")
        page.go_back()
        expect(page.get_by_test_id("zeros")).to_be_visible(timeout=SLOW)
    page.goto(f"{server.url}/desk/zeros?since=2020-01-01&until=2020-01-31")
    expect(page.get_by_test_id("zeros-county")).to_be_visible(timeout=SLOW)
    expect(page.locator("[data-testid=zeros-county] a")).to_have_count(0)
    page.get_by_test_id("zeros-since").fill("2020-02-02")
    page.get_by_test_id("zeros-since").blur()
    expect(page.get_by_role("alert")).to_be_visible(timeout=SLOW)

    page.get_by_test_id("overview-coverage").click()
    page.wait_for_url("**/desk/coverage")
    in_both_languages(page, "desk-coverage", "coverage", whole=False)
    missing = page.get_by_test_id("coverage-county").get_by_test_id("coverage-open")
    wanted = int(missing.inner_text())
    missing.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/records?kind=equipment&unseen=*")
    assert total(page) == wanted
    look(page, "desk-unseen", whole=False)
    page.get_by_test_id("records-take").locator("summary").click()
    with page.expect_download(timeout=SLOW) as taken:
        page.get_by_test_id("records-csv").click()
    assert len(taken.value.path().read_text("utf-8-sig").splitlines()) == wanted + 1


def on_the_map(page: Page, server: Server) -> None:
    """A list as a map and back; the map and the list beside it go by keyboard and open records."""
    page.goto(f"{server.url}/desk/map")
    in_both_languages(page, "desk-map", "map-item", whole=False)
    map_ = page.get_by_test_id("map")
    beside = page.get_by_test_id("map-list")
    everything = int(beside.get_attribute("data-total") or 0)
    assert everything > 0
    before = float(map_.get_attribute("data-zoom") or 0)
    map_.focus()
    page.keyboard.press("+")
    expect(map_).to_have_attribute("data-zoom", f"{before + 1:.2f}", timeout=SLOW)
    for _ in range(40):  # far away there is nothing
        page.keyboard.press("ArrowUp")
    expect(beside).to_have_attribute("data-total", "0", timeout=SLOW)
    page.keyboard.press("0")
    expect(beside).to_have_attribute("data-total", str(everything), timeout=SLOW)
    page.get_by_test_id("map-what").select_option("defects_findings")
    page.wait_for_url("**/desk/map?kind=defect,finding")
    expect(page.get_by_test_id("map-item").first).to_be_visible(timeout=SLOW)
    look(page, "desk-map-all", whole=False)
    page.get_by_test_id("map-as-list").click()
    page.wait_for_url("**/desk/records?kind=defect,finding")
    page.goto(f"{server.url}/desk/records?kind=defect&status=open")
    page.get_by_test_id("records-map").click()
    page.wait_for_url("**/desk/map?kind=defect&status=open")
    expect(page.get_by_test_id("map-what")).to_have_value("custom", timeout=SLOW)
    for _ in range(12):  # some in one place: nearer each time, until it is one record or one place
        page.get_by_test_id("map-item").first.focus()
        zoom = map_.get_attribute("data-zoom")
        page.keyboard.press("Enter")
        page.wait_for_function(
            "zoom => document.querySelector('[data-testid=map]')?.dataset.zoom !== zoom",
            arg=zoom,
            timeout=SLOW,
        )
        if "/desk/map" not in page.url:
            break
    expect(page).to_have_url(re.compile(r"/r/defect/|/desk/(records|board|review)"), timeout=SLOW)


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
            with page.expect_download(timeout=SLOW) as taken:
                page.get_by_test_id("records-xlsx").click()
            sheet = load_workbook(BytesIO(taken.value.path().read_bytes()), read_only=True).worksheets[0]
            assert sum(1 for _ in sheet.iter_rows()) == len(table)
            page.keyboard.press("Escape")
            expect(page.get_by_test_id("records-csv")).to_have_count(0)
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

            page.goto(f"{server.url}/desk/records?since=2026-01-01")
            some = total(page)
            assert 50 < some <= 200
            page.get_by_test_id("records").focus()
            page.keyboard.press("Home")
            with page.expect_download(timeout=SLOW) as paper:
                page.keyboard.press("p")
            assert paper.value.path().read_bytes().startswith(b"%PDF-")
            page.get_by_test_id("records-take").locator("summary").click()
            page.get_by_test_id("records-photos").click()
            expect(page.get_by_test_id("export-link")).to_be_visible(timeout=SLOW)
            in_both_languages(page, "desk-records-long", "record", open_menu, whole=False)
            with page.expect_download(timeout=SLOW) as archive:
                page.get_by_test_id("export-link").click()
            assert archive.value.suggested_filename == "photos.zip"
            with zipfile.ZipFile(archive.value.path()) as opened:
                assert "SHA256SUMS" in opened.namelist()
            page.get_by_test_id("export-cancel").click()
            expect(page.get_by_test_id("export")).to_have_count(0, timeout=SLOW)
            page.get_by_test_id("records-take").locator("summary").click()

            for wrong in (
                "kind=nosuch",
                "sort=nosuch",
            ):  # an old or mistyped address says so and has a way out
                page.goto(f"{server.url}/desk/records?{wrong}")
                expect(page.get_by_test_id("records-trouble")).to_have_attribute(
                    "data-trouble", "refused", timeout=SLOW
                )
                page.get_by_test_id("records-trouble-clear").click()
                assert total(page) == everything
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
            zeros_and_coverage(page, server)
            on_the_map(page, server)
    finally:
        server.kill()
