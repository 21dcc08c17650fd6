"""What an inspector does with a record and its equipment: looks, follows, deletes, takes back, starts the next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, Playwright, expect

from sync.tables import record
from tests.support.phone import Shots, choose, fill_infrared, open_form, phone, sign_in
from tests.support.server import Server
from tests.support.stored import rows


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("record")).prepare(demo=True).start()
    try:
        yield running
    finally:
        running.kill()


def sent(page: Page) -> None:
    expect(page.get_by_test_id("sync-strip")).to_have_attribute("data-waiting", "0", timeout=60_000)


def test_a_record_shows_its_temperatures_and_leads_to_its_equipment_and_its_defect(
    playwright: Playwright, company: Server, tmp_path: Path
) -> None:
    with phone(playwright, tmp_path / "profile") as context:
        page = context.pages[0]
        sign_in(page, company.url, "duchayuan")
        fill_infrared(page, company.url, Shots.taken(tmp_path / "shots"))
        page.get_by_test_id("submit").click()
        expect(page).to_have_url(re.compile("/r/infrared/"))
        sent(page)
        here = page.url

        page.get_by_test_id("open-photo").first.click()
        viewer = page.get_by_test_id("viewer")
        expect(viewer.get_by_test_id("hot-spot")).to_have_text(re.compile(r"^\d+\.\d °C$"), timeout=30_000)
        high, low = (viewer.get_by_test_id(f"scale-{end}").inner_text() for end in ("high", "low"))
        assert float(high.removesuffix(" °C")) > float(low.removesuffix(" °C").replace("−", "-"))
        viewer.get_by_test_id("viewer-larger").click()
        expect(viewer).to_have_attribute("data-zoom", "1.6")
        viewer.get_by_test_id("viewer-next").click()
        expect(viewer).to_contain_text("可见光")
        expect(viewer).to_have_attribute("data-zoom", "1.0")
        page.go_back()
        expect(viewer).to_have_count(0)
        assert page.url == here

        page.get_by_test_id("link-defect").click()
        expect(page).to_have_url(re.compile("/r/defect/"))
        expect(page.get_by_test_id("link-repair")).to_be_visible()
        page.get_by_test_id("link-source").click()
        expect(page).to_have_url(here)
        page.get_by_test_id("link-equipment").click()
        expect(page.get_by_test_id("thing-record").first).to_be_visible()
        expect(page.get_by_test_id("thing-defect").first).to_be_visible()


def test_equipment_starts_its_own_inspection_offline_and_last_values_are_one_tap(
    playwright: Playwright, company: Server, tmp_path: Path
) -> None:
    with phone(playwright, tmp_path / "profile") as context:
        page = context.pages[0]
        sign_in(page, company.url, "duchayuan")
        fill_infrared(page, company.url, Shots.taken(tmp_path / "shots"))
        page.get_by_test_id("field-camera").fill("T640")
        page.get_by_test_id("submit").click()
        expect(page).to_have_url(re.compile("/r/infrared/"))
        sent(page)
        company.stop()
        try:
            page.get_by_test_id("tab-find").click()
            page.get_by_test_id("field-find").fill("CH-0001")
            page.get_by_test_id("found-CH-0001").click()
            page.get_by_test_id("thing-start").click()
            expect(page.get_by_test_id("field-equipment")).to_contain_text("CH-0001")
            for name, value in (("ambient", "30"), ("camera", "T640"), ("load", "210")):
                page.get_by_test_id(f"offer-{name}").click()
                field = {"ambient": "ambient_c", "load": "load_a"}.get(name, name)
                expect(page.get_by_test_id(f"field-{field}")).to_have_value(value)
                expect(page.get_by_test_id(f"offer-{name}")).to_have_count(0)
            page.get_by_test_id("field-humidity_pct").fill("120")
            page.get_by_test_id("submit").click()
            expect(page.get_by_test_id("missing")).to_contain_text("湿度应在 0 到 100 之间")
            expect(page.get_by_test_id("photo-thermal")).to_be_focused()
        finally:
            company.start()


def test_a_draft_can_be_deleted_and_taken_back(
    playwright: Playwright, company: Server, tmp_path: Path
) -> None:
    with phone(playwright, tmp_path / "profile") as context:
        page = context.pages[0]
        sign_in(page, company.url, "duchayuan")
        open_form(page, company.url, "finding")
        choose(page, "unit", "城关供电所")
        choose(page, "person", "赵磊")
        page.get_by_test_id("clear-person").click()
        expect(page.get_by_test_id("field-person")).not_to_contain_text("赵磊")
        page.get_by_test_id("save").click()
        expect(page).to_have_url(re.compile("/r/finding/"))
        made = page.url.rsplit("/", 1)[1]
        sent(page)

        def states() -> list[bool]:
            return [
                row.deleted for row in rows(company, sa.select(record.c.deleted).where(record.c.id == made))
            ]

        line = page.locator(f'a[href$="{made}"]')
        for back in (True, False):
            page.goto(f"{company.url}/r/finding/{made}")
            page.get_by_test_id("remove").click()
            page.get_by_test_id("ask-ok").click()
            expect(page.get_by_test_id("take-back")).to_be_visible()
            expect(line).to_have_count(0)
            if back:
                page.get_by_test_id("take-back").click()
                expect(line).to_have_count(1)
                assert states() == [False]
        expect(page.get_by_test_id("take-back")).to_have_count(0, timeout=15_000)
        sent(page)
        expect(line).to_have_count(0)
        assert states() in ([True], [])
