"""A decision is taken twice, neither knowing of the other; many are accepted after a sample."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect, sync_playwright

from backend.jobs import job
from tests.browser.test_desk import SIZE, THERMAL, VISIBLE, at, sign_in, submitted, until_there, variant
from tests.conftest import PAIRS, make_pair
from tests.support.axe import findings
from tests.support.client import Client, signed_in, uuid7
from tests.support.look import in_both_languages, look
from tests.support.phone import NOT_STORED
from tests.support.server import Server
from tests.support.stored import rows

SLOW_MS = 90_000
VIEWS_S = 300  # those of the demo company come first
MANY = 5


@pytest.fixture(scope="module")
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Every decision is taken twice, a third of a bulk is looked at before."""
    running = make_pair(PAIRS[0], request, tmp_path_factory.mktemp("second")).server()
    running.prepare(demo=True)
    running.env |= {"MINGCHA_SECOND_REVIEW_PCT": "100", "MINGCHA_BULK_SAMPLE_PCT": "30"}
    running.start()
    try:
        yield running
    finally:
        running.kill()


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield started
        started.close()


def measured(client: Client, hot: float, hours_ago: float) -> str:
    """An inspection of one and the same device, in order."""
    device = next(iter(client.records("equipment").values()))
    body = {
        "unit": device["data"]["unit"],
        "equipment": device["id"],
        "taken_at": at(hours_ago),
        "row": "C01",
        "points": [{"label": "A相", "temp_c": hot}, {"label": "B相", "temp_c": hot - 2}],
        "ambient_c": 25.0,
        "load_a": 210.0,
        "rated_a": 400.0,
        "emissivity": 0.9,
        "weather": "cloudy",
    }
    visible = variant(VISIBLE, uuid7())
    return submitted(client, "infrared", body, (THERMAL.read_bytes(), "thermal"), (visible, "visible"))


def looked_at(company: Server) -> None:
    """The worker has made all views and compared all photos: what it finds changes what the server says."""
    waiting = sa.select(sa.func.count()).where(
        job.c.state == "waiting", job.c.name.in_(["derive", "resemble"])
    )
    ends = time.monotonic() + VIEWS_S
    while rows(company, waiting)[0][0]:
        assert time.monotonic() < ends, "the worker has not done with the photos"
        time.sleep(1)


def told(client: Client, record: str) -> dict[str, Any]:
    """All that the server says of the record to whoever asks for it, by address."""
    found: dict[str, Any] = {"feed": client.records("infrared")[record]}
    document = client.http.get("/schema").json()["paths"]
    for path, operations in document.items():
        if "get" not in operations or path.endswith("/live") or "photos" in path:
            continue
        address = path.replace("{record}", record).replace("{id}", record)
        if "{" in address:
            continue
        answer = client.http.get(address)
        if "json" in answer.headers.get("content-type", ""):
            found[address] = mentions(answer.json(), record) if address == path else answer.json()
    return found


def mentions(answer: Any, record: str) -> list[Any]:
    """The parts of an answer that speak of the record, without the times of the asking."""
    if isinstance(answer, dict):
        if record in answer.values():
            return [answer]
        return [part for value in answer.values() for part in mentions(value, record)]
    if isinstance(answer, list):
        return [
            part for value in answer for part in ([value] if value == record else mentions(value, record))
        ]
    return []


def item(page: Page, record: str) -> Any:
    return page.locator(f"[data-testid='queue-item'][data-id='{record}']")


def desk(browser: Browser, company: Server, login: str, path: str) -> Page:
    page = browser.new_context(viewport=SIZE, locale="zh-CN").new_page()
    page.add_init_script(NOT_STORED)
    sign_in(page, company.url, login, path)
    return page


@pytest.mark.timeout(900)
def test_two_decide_blind_a_third_settles_it_and_many_are_accepted_after_a_sample(
    company: Server, browser: Browser
) -> None:
    with (
        signed_in(company.url, "duchayuan") as inspector,
        signed_in(company.url, "zhuguan2") as other,
    ):
        records = [measured(inspector, 40.0 + n, 24 * (MANY - n)) for n in range(MANY)]
        record = records[0]
        looked_at(company)
        before = told(other, record)

        first = desk(browser, company, "zhuguan", f"/desk/review?record={record}")
        expect(item(first, record)).to_have_attribute("aria-current", "true", timeout=SLOW_MS)
        the_same_device_before(first, record)
        first.keyboard.press("a")
        first.keyboard.press("s")
        expect(item(first, record)).to_have_attribute("data-decided", "sealed", timeout=SLOW_MS)
        assert told(other, record) == before

        second = desk(browser, company, "zhuguan2", f"/desk/review?record={record}")
        expect(item(second, record)).to_have_attribute("aria-current", "true", timeout=SLOW_MS)
        assert item(second, record).get_attribute("data-decided") is None
        expect(second.get_by_test_id("two")).to_have_count(0)
        second.keyboard.press("r")
        second.get_by_test_id("reason").fill("热像没有对准接头。")
        second.keyboard.press("Control+Enter")
        second.keyboard.press("s")
        item(second, record).click(timeout=SLOW_MS)
        both = second.get_by_test_id("two")
        expect(both).to_have_attribute("data-agrees", "false", timeout=SLOW_MS)
        expect(both).to_contain_text("刘敏 通过，张卫东 退回")
        assert other.records("infrared")[record]["state"] == "accepted"
        second.context.close()

    a_third_settles(browser, company, record)
    many_at_once(first, company, records[1:])
    first.goto(f"{company.url}/desk/second")
    expect(first.get_by_test_id("look-done")).to_have_count(1, timeout=SLOW_MS)
    expect(first.get_by_test_id("figures")).to_have_attribute("data-whole", "false")
    expect(first.get_by_test_id("reviewer")).to_have_count(1)
    first.context.close()


def the_same_device_before(page: Page, record: str) -> None:
    """Its earlier records with their line; and its picture measured in place."""
    past = page.get_by_test_id("past")
    expect(past.locator(f"[data-id='{record}']")).to_be_visible(timeout=SLOW_MS)
    expect(page.get_by_test_id("past-line")).to_be_visible()
    assert past.get_by_test_id("past-one").count() >= MANY
    past.scroll_into_view_if_needed()
    look(page, "desk-past")
    expect(page.get_by_test_id("measure")).to_be_visible(timeout=SLOW_MS)
    page.keyboard.press("t")
    tool = page.get_by_test_id("thermal")
    expect(tool).to_have_attribute("data-ready", "true", timeout=SLOW_MS)
    look(page, "desk-measuring")
    assert findings(page) == []
    page.get_by_test_id("tool-hot").press("Enter")
    expect(page.get_by_test_id("thermal-value")).to_contain_text("55.0 °C")  # the third hottest place
    page.keyboard.press("Escape")
    expect(tool).to_have_count(0)


def whole_page(page: Page) -> None:
    """What the server and the register say has come."""
    expect(page.get_by_test_id("look").first).to_be_visible(timeout=SLOW_MS)
    expect(page.get_by_test_id("unit-figures").get_by_role("rowheader")).to_have_text(
        re.compile(r"\S{3}"), timeout=SLOW_MS
    )


def a_third_settles(browser: Browser, company: Server, record: str) -> None:
    page = desk(browser, company, "lingdao", "/desk/second")
    line = page.locator(f"[data-testid='look'][data-record='{record}']")
    expect(line).to_have_attribute("data-mine", "true", timeout=SLOW_MS)
    expect(page.get_by_test_id("figures")).to_have_attribute("data-whole", "true", timeout=SLOW_MS)
    expect(page.get_by_test_id("reviewer")).to_have_count(2)
    in_both_languages(page, "desk-second", "figures", whole_page)
    line.get_by_test_id("look-reopen").press("Enter")
    expect(line.get_by_role("status")).to_have_text("取回要写明理由", timeout=SLOW_MS)
    line.get_by_test_id("look-keep").press("Enter")
    expect(page.get_by_test_id("look-done")).to_have_count(1, timeout=SLOW_MS)
    page.context.close()


def many_at_once(page: Page, company: Server, records: list[str]) -> None:
    """Two of five are drawn, looked at one by one; the rest goes at once, is taken back, and goes again."""
    page.goto(f"{company.url}/desk/review?record={records[0]}")
    expect(item(page, records[0])).to_have_attribute("aria-current", "true", timeout=SLOW_MS)
    expect(page.get_by_test_id("bulk-start")).to_be_visible(timeout=SLOW_MS)
    page.keyboard.press("g")
    panel = page.get_by_test_id("bulk")
    expect(panel).to_have_attribute("data-stage", "choose")
    ones = panel.get_by_test_id("bulk-one")
    expect(ones.first).to_be_focused()
    assert findings(page) == []
    look(page, "desk-bulk")
    group = ones.evaluate_all("all => all.map(({ value }) => value)")
    assert set(records) <= set(group)
    for _ in group:  # by keys: only those of this test stay chosen
        if page.evaluate("() => document.activeElement.value") not in records:
            page.keyboard.press("Space")
        page.keyboard.press("Tab")
    ones.first.focus()
    page.keyboard.press("Enter")
    expect(panel).to_have_attribute("data-stage", "sample")
    done = page.locator(", ".join(f"[data-id='{record}'][data-decided='accept']" for record in records))
    for n in range(2):  # 30 % of four
        expect(panel).to_contain_text(f"已通过 {n}")
        page.keyboard.press("a")
    expect(panel).to_have_attribute("data-stage", "ready", timeout=SLOW_MS)
    expect(panel.get_by_test_id("bulk-accept")).to_be_focused()
    page.keyboard.press("Enter")
    expect(done).to_have_count(4)
    page.keyboard.press("z")
    expect(done).to_have_count(2)
    expect(panel).to_have_attribute("data-stage", "ready")
    page.keyboard.press("Enter")
    expect(done).to_have_count(4)
    page.keyboard.press("s")
    with signed_in(company.url, "zhuguan", register=False) as client:
        until_there(lambda: set(client.http.get("/api/v1/second-looks").json()["sealed"]) == set(records), 90)
