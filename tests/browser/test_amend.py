"""What was handed in is corrected in the open: offline, with a reason, sent once, both values on every side."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Playwright, expect

from tests.support.axe import findings
from tests.support.client import Client, now, signed_in, uuid7
from tests.support.look import in_both_languages, look
from tests.support.phone import THERMAL, UPRIGHT, VISIBLE, add_photo, phone, shot, sign_in
from tests.support.server import Server
from tests.support.stored import digest

SLOW = 90_000
DESK = {"width": 1440, "height": 900}


def submitted(inspector: Client, folder: Path) -> str:
    """An inspection that waits for review, with its photos on the server; its hot clamp makes a repair job."""
    device = next(row for row in inspector.records("equipment").values() if row["data"]["code"] == "CH-0001")
    shots = [shot(THERMAL, folder / "thermal.jpg"), shot(VISIBLE, folder / "visible.jpg")]
    record = uuid7()
    body = {
        "unit": device["data"]["unit"],
        "equipment": device["id"],
        "taken_at": now(),
        "row": "C01",
        "points": [{"label": "A相", "temp_c": 115.0}, {"label": "B相", "temp_c": 40.0}],
        "ambient_c": 30.0,
        "photos": [
            inspector.photo(file, role) for file, role in zip(shots, ("thermal", "visible"), strict=True)
        ],
    }
    inspector.applied(inspector.put("infrared", record, body), inspector.event("infrared", record, "submit"))
    for file in shots:
        inspector.upload(file)
    return record


def job_of(inspector: Client, record: str) -> str:
    records = inspector.records()
    return str(records[records[record]["facts"]["defect"]]["facts"]["repair"])


def amendments(url: str, kind: str, record: str) -> list[dict[str, Any]]:
    with signed_in(url, "zhuguan") as supervisor:
        found = supervisor.records(kind)[record]
        assert found["missing"] == []
        return [entry["data"] for entry in found["log"] if entry["type"] == "amend"]


def all_sent(page: Page) -> None:
    strip = page.get_by_test_id("sync-strip")
    expect(strip).to_have_attribute("data-waiting", "0", timeout=SLOW)
    expect(strip).to_have_attribute("data-phase", "idle", timeout=SLOW)


def test_an_amendment_made_offline_needs_a_reason_is_sent_once_and_shows_both_values_everywhere(
    playwright: Playwright, tmp_path: Path
) -> None:
    server = Server(tmp_path / "data").prepare(demo=True).start()
    try:
        with signed_in(server.url, "duchayuan") as inspector:
            record = submitted(inspector, tmp_path)
            job = job_of(inspector, record)
        with signed_in(server.url, "qiangxiu") as crew:
            cause = shot(UPRIGHT, tmp_path / "cause.jpg")
            crew.applied(
                crew.event("repair", job, "receive"),
                crew.event("repair", job, "arrive"),
                crew.event(
                    "repair", job, "locate", {"cause": "接头松动", "photos": [crew.photo(cause, "during")]}
                ),
            )
            crew.upload(cause)

        with phone(playwright, tmp_path / "inspector") as context:
            page = context.pages[0]
            sign_in(page, server.url, "duchayuan")
            context.set_offline(True)
            amend_inspection(page, server.url, record, shot(UPRIGHT, tmp_path / "more.jpg"))
            context.set_offline(False)
            all_sent(page)
            [said] = amendments(server.url, "infrared", record)
            assert (said["reason"], said["changes"]["points"][0]["temp_c"]) == ("读错了一位", 68.4)
            assert said["before"]["points"][0]["temp_c"] == 115.0
            roles = [photo["role"] for photo in said["changes"]["photos"]]
            assert sorted(roles) == ["thermal", "visible", "visible"]
            in_both_languages(page, "amended-phone", "amended")
            history(page)

        with phone(playwright, tmp_path / "crew") as context:
            page = context.pages[0]
            sign_in(page, server.url, "qiangxiu")
            context.set_offline(True)
            more = shot(UPRIGHT, tmp_path / "insulation.jpg")
            amend_step(page, server.url, job, more)
            context.set_offline(False)
            all_sent(page)
            [said] = amendments(server.url, "repair", job)
            assert (said["step"], said["cause"], said["reason"]) == ("locate", "绝缘损坏", "拆开后才看清")
            assert [photo["sha256"] for photo in said["photos"]] == [digest(more)]
            in_both_languages(page, "job-amended", "amended")

        with phone(playwright, tmp_path / "desk") as context:
            page = context.pages[0]
            page.set_viewport_size(DESK)
            sign_in(page, server.url, "zhuguan")
            page.goto(f"{server.url}/desk/review")

            def chosen(page: Page) -> None:
                page.locator(f"[data-testid='queue-item'][data-id='{record}']").click()
                page.get_by_test_id("amended").last.scroll_into_view_if_needed()

            in_both_languages(page, "amended-desk", "queue-item", chosen)
            history(page)
    finally:
        server.kill()


def history(page: Page) -> None:
    """Both values and the reason stand in the record's history."""
    lines = page.get_by_test_id("amended")
    expect(lines.filter(has_text="115.0 °C")).to_have_text("A相：115.0 °C → 68.4 °C")
    expect(lines.filter(has_text="照片")).to_have_text("照片：加了 1 张")
    expect(page.locator("main")).to_contain_text("读错了一位")


def begun(page: Page, count: int) -> None:
    """Leaves the form for the first screen, which names this many amendments that were begun and not sent."""
    page.locator(".page__back").click()
    page.get_by_test_id("tab-today").click()
    expect(page.get_by_test_id("todo").first).to_be_visible()
    expect(page.get_by_test_id("go-amend")).to_have_count(count)


def amend_inspection(page: Page, url: str, record: str, more: Path) -> None:
    page.goto(f"{url}/r/infrared/{record}")
    page.get_by_test_id("amend").click()
    expect(page.get_by_test_id("field-equipment")).to_contain_text("CH-0001")
    assert page.locator("button[data-testid='field-equipment']").count() == 0  # whom it is about stays
    expect(page.locator(".frames__one--full")).to_have_count(2)
    expect(page.locator(".frames__remove")).to_have_count(0)  # evidence stays
    in_both_languages(page, "amend-form", "field-amend-reason")
    begun(page, 0)  # looking alone begins nothing
    page.goto(f"{url}/new/infrared/{record}?amend=1")

    page.get_by_test_id("submit").click()
    reason = page.get_by_test_id("field-amend-reason")
    expect(reason).to_have_attribute("aria-invalid", "true")
    expect(reason).to_be_focused()
    reason.fill("读错了一位")
    page.get_by_test_id("submit").click()
    expect(page.locator("#f-amend-reason-note")).to_have_text("还没有改动")
    page.get_by_test_id("field-temp-0").fill("68.4")
    add_photo(page, "visible", more)
    expect(page.locator(".frames__remove")).to_have_count(1)  # the new one alone
    begun(page, 1)
    page.get_by_test_id("go-amend").click()  # begun and not sent: the first screen leads there
    expect(page.get_by_test_id("field-amend-reason")).to_have_value("读错了一位")
    assert findings(page) == []
    look(page, "amend-filled-zh")
    page.get_by_test_id("submit").click()
    expect(page).to_have_url(re.compile(f"/r/infrared/{record}$"))
    expect(page.get_by_test_id("where").first).to_have_attribute("data-where", "local")
    history(page)
    page.get_by_test_id("tab-today").click()
    expect(page.get_by_test_id("go-amend")).to_have_count(0)
    page.go_back()


def amend_step(page: Page, url: str, job: str, more: Path) -> None:
    page.goto(f"{url}/job/{job}")
    page.get_by_test_id("amend-locate").click()
    in_both_languages(page, "amend-step", "field-amend-reason")
    page.get_by_test_id("field-amend-reason").fill("拆开后才看清")
    page.get_by_test_id("submit").click()
    expect(page.locator("#f-amend-reason-note")).to_have_text("还没有改动")
    page.get_by_test_id("field-locate").fill("绝缘损坏")
    add_photo(page, "during", more)
    look(page, "amend-step-filled-zh")
    page.get_by_test_id("submit").click()
    expect(page).to_have_url(re.compile(f"/job/{job}$"))
    done = page.get_by_test_id("done-locate")
    expect(done).to_contain_text("绝缘损坏")
    expect(done.get_by_test_id("amended")).to_contain_text("原来：接头松动")
    expect(done.get_by_test_id("amended")).to_contain_text("拆开后才看清")
    expect(done.locator(".photo")).to_have_count(2)
