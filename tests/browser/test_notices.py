"""Notices on the phone and at the desk: the list, the number on the tab, how one is told, and the ways at the desk."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Playwright, expect

from tests.conftest import Pair
from tests.support.client import signed_in
from tests.support.look import in_both_languages
from tests.support.phone import phone, sign_in
from tests.support.postgres import free_port

LONG = 90_000


def test_notices_are_seen_and_hours_and_address_are_chosen(
    playwright: Playwright, backend_pair: Pair, tmp_path: Path
) -> None:
    server = backend_pair.server(
        MINGCHA_NOTICE_WEBHOOK_URL=f"http://127.0.0.1:{free_port()}/hook",
        MINGCHA_NOTICE_WEBHOOK_SECRET="known to both",
        MINGCHA_NOTICE_NETWORKS="127.0.0.0/8",
        MINGCHA_NOTICE_QUIET="",
    )
    server.prepare(demo=True).start()
    try:
        with phone(playwright, tmp_path / "inspector") as context:
            page = context.pages[0]
            sign_in(page, server.url, "duchayuan")
            expect(page.get_by_test_id("tab-unread")).to_be_visible(timeout=LONG)
            page.get_by_test_id("to-notices").click()
            expect(page.get_by_test_id("notice").first).to_contain_text("记录被退回，请修改")
            expect(page.get_by_test_id("tab-unread")).to_have_count(0)
            in_both_languages(page, "notices", "notice")

            page.goto(f"{server.url}/me")
            card = page.get_by_test_id("notice-ways")
            card.locator("input[name=address]").fill("<all>")
            expect(page.get_by_test_id("notice-save")).to_be_disabled()
            card.locator("input[name=address]").fill("wang.wu")
            card.get_by_text("自己定").click()
            page.get_by_test_id("notice-save").click()
            expect(page.get_by_test_id("notice-save")).to_have_count(0, timeout=LONG)
            in_both_languages(page, "notices-how", "notice-ways")
            with signed_in(server.url, "duchayuan") as client:
                choice = client.http.get("/api/v1/notices/ways").json()["choice"]
            assert choice == {"language": "zh-CN", "quiet": "22:00-07:00", "address": "wang.wu"}

        with phone(playwright, tmp_path / "desk") as context:
            page = context.pages[0]
            page.set_viewport_size({"width": 1440, "height": 900})
            sign_in(page, server.url, "guanli")
            page.goto(f"{server.url}/desk/jobs")
            webhook = page.locator('[data-testid="notice-state"][data-way="webhook"]')
            expect(webhook).to_be_visible(timeout=LONG)
            in_both_languages(page, "notices-desk", "notice-states", whole=False)
    finally:
        server.kill()
