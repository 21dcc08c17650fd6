"""A phone that two people use: what an inspector did on it is not there for the next one."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.support.phone import Shots, fill_finding, phone, sign_in
from tests.support.server import Server

FACT = "未佩戴工号牌"
PAGES = ("/", "/record", "/find", "/me", "/sync", "/points", "/desk/review", "/desk/ledger")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("shared-phone")).prepare(demo=True).start()
    try:
        yield running
    finally:
        running.kill()


def status(page: Page, path: str) -> int:
    """What the app's own call gets, out of the browser's cache where that allows it."""
    found = page.evaluate(
        "async (path) => { const a = await fetch(path); await a.blob(); return a.status }", path
    )
    return int(found)


def cached(page: Page) -> list[str]:
    """Addresses of all that the service worker keeps."""
    addresses: list[str] = page.evaluate(
        """async () => {
            const found = []
            for (const name of await caches.keys())
                for (const request of await (await caches.open(name)).keys()) found.push(request.url)
            return found
        }"""
    )
    return addresses


def test_the_next_person_on_a_phone_sees_nothing_of_an_inspection(
    playwright: Playwright, company: Server, tmp_path: Path
) -> None:
    with phone(playwright, tmp_path / "profile") as context:
        page = context.pages[0]
        sign_in(page, company.url, "duchayuan")
        fill_finding(page, company.url, Shots.taken(tmp_path / "shots").visible)
        page.get_by_test_id("submit").click()
        expect(page).to_have_url(re.compile("/r/"))
        id_ = page.url.rsplit("/", 1)[1]
        expect(page.get_by_test_id("where").first).to_have_attribute("data-where", "sent", timeout=60_000)
        body = page.evaluate("async () => (await (await fetch('/api/v1/sync/pull')).json()).changes")
        (mine,) = [change for change in body if change["id"] == id_]
        address = f"/api/v1/photos/{mine['data']['photos'][0]['sha256']}/original"
        assert [status(page, address) for _ in range(2)] == [200, 200]
        page.goto(f"{company.url}/record")
        expect(page.locator("body")).to_contain_text(re.compile("城关供电所|YYT-08|工号"))

        page.goto(f"{company.url}/me")
        page.get_by_test_id("sign-out").click()
        page.get_by_test_id("ask-ok").click()
        expect(page).to_have_url(re.compile("/signin"))
        sign_in(page, company.url, "qiangxiu")
        assert status(page, address) == 404
        for path in (*PAGES, f"/r/finding/{id_}", f"/new/finding/{id_}"):
            page.goto(company.url + path)
            expect(page.get_by_test_id("sync-strip").or_(page.locator("main")).first).to_be_visible()
            page.wait_for_timeout(300)
            shown = page.content()
            assert FACT not in shown, path
            assert id_ not in shown.replace(f"/finding/{id_}", ""), path
        assert [url for url in cached(page) if "/api/" in url] == []
