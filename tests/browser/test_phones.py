"""The board of phones at the desk: what a phone told of itself, and the one that is silent with work unsent."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect
from sqlalchemy.ext.asyncio import create_async_engine

from sync.tables import device, stamp
from tests.support.client import signed_in
from tests.support.look import in_both_languages
from tests.support.phone import phone, sign_in
from tests.support.server import Server

pytestmark = pytest.mark.timeout(600)
SLOW = 90_000
LONG_AGO = datetime.now(UTC) - timedelta(hours=30)


def silent_since(server: Server, id_: str, at: datetime) -> None:
    """As if the device had not been heard of since."""

    async def turn_back() -> None:
        engine = create_async_engine(f"sqlite+aiosqlite:///{server.folder / 'mingcha.db'}")
        async with engine.begin() as conn:
            await conn.execute(device.update().where(device.c.id == id_).values(last_seen=stamp(at)))
        await engine.dispose()

    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, turn_back()).result()


def test_the_desk_sees_which_phones_are_silent_with_work_unsent(
    playwright: Playwright, tmp_path: Path
) -> None:
    server = Server(tmp_path / "data").prepare(demo=True).start()
    try:
        with phone(playwright, tmp_path / "phone") as context:
            page = context.pages[0]
            sign_in(page, server.url, "duchayuan")
            expect(page.get_by_test_id("sync-strip")).to_have_attribute("data-phase", "idle", timeout=SLOW)
        with signed_in(server.url, "qiangxiu") as lost:
            said = {
                "app_version": "0.1",
                "records": 4,
                "photos": 21,
                "photo_bytes": 68_000_000,
                "attention": 1,
                "records_since": LONG_AGO.isoformat(),
                "photos_since": LONG_AGO.isoformat(),
                "free_bytes": 300_000_000,
                "persistent": False,
                "faults": [{"code": "sync.refused:storage_full", "count": 3, "at": LONG_AGO.isoformat()}],
            }
            assert lost.http.put(f"/api/v1/devices/{lost.device}/report", json=said).status_code == 204
            silent_since(server, lost.device, LONG_AGO)
        with phone(playwright, tmp_path / "desk") as context:
            page = context.pages[0]
            page.set_viewport_size({"width": 1440, "height": 900})
            sign_in(page, server.url, "zhuguan")
            page.goto(f"{server.url}/desk/review")
            page.get_by_test_id("desk-phones").click()

            def worst_first(page: Page) -> None:
                lines = page.get_by_test_id("phone")
                expect(lines.first).to_contain_text("68", timeout=SLOW)
                expect(lines.first).to_contain_text("sync.refused:storage_full × 3")
                told = lines.filter(has_text="王建国").filter(has_text="GB")
                expect(told.first).to_be_visible()

            in_both_languages(page, "desk-phones", "phone", worst_first, whole=False)
            page.get_by_test_id("phones-silent").click()
            expect(page.get_by_test_id("phone")).to_have_count(1)
            expect(page.get_by_test_id("phones-silent")).to_contain_text("1")
            assert page.url.endswith("?show=silent")
            page.reload()
            expect(page.get_by_test_id("phone")).to_have_count(1, timeout=SLOW)
            page.get_by_test_id("phone").get_by_role("link").click()
            expect(page.get_by_test_id("device-line")).to_have_count(1, timeout=SLOW)
    finally:
        server.kill()
