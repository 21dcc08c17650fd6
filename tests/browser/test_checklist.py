"""A checklist item's own questions, from the phone without a network to the desk."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, Playwright, expect

from tests.support.client import signed_in
from tests.support.look import in_both_languages, look
from tests.support.phone import UPRIGHT, add_photo, choose, open_form, phone, shot, sign_in
from tests.support.server import Server

SLOW = 90_000
DESK = {"width": 1440, "height": 900}


def all_sent(page: Page) -> None:
    strip = page.get_by_test_id("sync-strip")
    expect(strip).to_have_attribute("data-waiting", "0", timeout=SLOW)
    expect(strip).to_have_attribute("data-phase", "idle", timeout=SLOW)


def field(page: Page, name: str) -> str:
    return f"field-sheet-{name}"


def moment(page: Page, name: str, local: str) -> None:
    page.get_by_test_id(field(page, name)).fill(local)


def pick(page: Page, name: str, value: str) -> None:
    of = page.get_by_test_id(field(page, name))
    of.locator("label", has=page.get_by_test_id(f"option-{value}")).click()


def begin(page: Page, url: str, item: str, photo: Path) -> None:
    open_form(page, url, "finding")
    choose(page, "unit", "城关供电所")
    choose(page, "item", item)
    page.get_by_test_id("field-fact").fill("现场核对")
    add_photo(page, "evidence", photo)
    expect(page.get_by_test_id("sheet")).to_be_visible()


def handed_in(page: Page) -> str:
    page.get_by_test_id("submit").click()
    expect(page).to_have_url(re.compile("/r/finding/"), timeout=SLOW)
    return page.url.rsplit("/", 1)[1]


def late_arrival(page: Page, url: str, photo: Path) -> str:
    """A limit with its message, a warning, a question that hangs on another, a calculated time."""
    begin(page, url, "QX-01", photo)
    moment(page, "reported_at", "2026-11-24T10:00")
    moment(page, "arrived_at", "2026-11-24T09:00")
    arrived = page.get_by_test_id("sheet").locator(
        ".field", has=page.get_by_test_id(field(page, "arrived_at"))
    )
    expect(arrived.get_by_role("alert")).to_have_text("到达不能早于报修，请核对两个时间")
    moment(page, "arrived_at", "2026-11-24T10:30")
    expect(arrived.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_test_id(field(page, "took_min"))).to_contain_text("30 分钟")
    expect(page.get_by_test_id("warning-sheet-took_min")).to_be_visible()
    moment(page, "arrived_at", "2026-11-24T11:15")
    expect(page.get_by_test_id(field(page, "took_min"))).to_contain_text("75 分钟")
    expect(page.get_by_test_id("warning-sheet-took_min")).to_have_count(0)
    expect(page.get_by_test_id(field(page, "cause_text"))).to_have_count(0)
    pick(page, "cause", "other")
    page.get_by_test_id("submit").click()
    expect(page.get_by_test_id("missing")).to_contain_text("还没填“是什么原因”")
    page.get_by_test_id(field(page, "cause_text")).fill("修路绕行")
    pick(page, "told", "false")
    page.get_by_test_id(field(page, "crew_size")).fill("3")
    page.get_by_test_id("sheet").scroll_into_view_if_needed()
    look(page, "sheet-arrival-zh")
    return handed_in(page)


def compared_seals(page: Page, url: str, photo: Path) -> str:
    """Rows are added and taken away; a question in a row hangs on another in that row."""
    begin(page, url, "JL-04", photo)
    pick(page, "seals-0-place", "meter")
    pick(page, "seals-0-there", "true")
    page.get_by_test_id(field(page, "seals-0-number")).fill("F-001")
    page.get_by_test_id(field(page, "seals-0-in_system")).fill("F-009")
    page.get_by_test_id(field(page, "seals")).click()
    expect(page.get_by_test_id("offer-sheet-seals-1-place")).to_contain_text("表计")
    pick(page, "seals-1-place", "door")
    pick(page, "seals-1-there", "true")
    page.get_by_test_id(field(page, "seals-1-number")).fill("给了又收回")
    pick(page, "seals-1-there", "false")
    expect(page.get_by_test_id(field(page, "seals-1-number"))).to_have_count(0)
    page.get_by_test_id(field(page, "seals")).click()
    expect(page.get_by_test_id("row-seals-2")).to_be_visible()
    page.get_by_test_id("remove-seals-2").click()
    expect(page.get_by_test_id("row-seals-2")).to_have_count(0)
    expect(page.get_by_test_id(field(page, "wrong"))).to_contain_text("2 处")
    page.get_by_test_id("row-seals-1").scroll_into_view_if_needed()
    look(page, "sheet-seals-zh", whole=False)
    return handed_in(page)


def left_out_devices(page: Page, url: str, photo: Path) -> str:
    """Unit, line, device: each list holds what was chosen above it, and is chosen anew when that changes."""
    begin(page, url, "YJ-01", photo)
    page.get_by_test_id(field(page, "due")).fill("10")
    page.get_by_test_id(field(page, "tested")).fill("11")
    tested = page.get_by_test_id("sheet").locator(".field", has=page.get_by_test_id(field(page, "tested")))
    expect(tested.get_by_role("alert")).to_have_text("实测应在 0 和应测之间")
    page.get_by_test_id(field(page, "tested")).fill("9")
    expect(page.get_by_test_id(field(page, "share"))).to_contain_text("90 %")
    page.get_by_test_id(field(page, "line")).click()
    lines = page.get_by_role("dialog", name="线路").locator(".picker__option")
    devices = page.get_by_role("dialog", name="设备").locator(".picker__option")
    expect(lines.first).to_be_visible()
    first, second = (lines.nth(at).locator("span span").first.inner_text() for at in (0, 1))
    lines.nth(0).click()
    device = page.get_by_test_id(field(page, "missed-0-device"))
    device.click()
    expect(devices.first).to_contain_text(first)
    devices.first.click()
    expect(device).to_contain_text(first)
    choose(page, "sheet-line", second)
    expect(device).not_to_contain_text(first)
    device.click()
    expect(devices.first).to_contain_text(second)
    devices.first.click()
    expect(device).to_contain_text(second)
    return handed_in(page)


def unfolded(page: Page) -> None:
    page.get_by_test_id("trace").locator("summary").click()
    expect(page.get_by_test_id("trace").locator("li").first).to_be_visible(timeout=SLOW)


def practised(page: Page, url: str) -> str:
    """A finding that is begun for practice looks like it from the form to the list, and is handed in."""
    page.goto(f"{url}/record")
    page.locator("label", has=page.get_by_test_id("field-practice")).click()
    page.get_by_test_id("new-finding").click()
    expect(page.get_by_test_id("practice")).to_be_visible()
    choose(page, "unit", "城关供电所")
    choose(page, "item", "YYT-02")
    page.get_by_test_id("field-fact").fill("练习一次")
    expect(page.get_by_test_id("trace-notice")).to_be_visible()
    look(page, "practice-form-zh", whole=False)
    record = handed_in(page)
    expect(page.get_by_test_id("practice")).to_be_visible()
    page.goto(f"{url}/record")
    expect(page.get_by_test_id("record-line").first.get_by_test_id("practice")).to_be_visible(timeout=SLOW)
    return record


def thrown_away(page: Page) -> None:
    """The record of practice that is open, though it was handed in."""
    page.get_by_test_id("remove").click()
    expect(page.get_by_role("dialog")).to_contain_text("删除这条练习")
    look(page, "practice-remove-zh", whole=False)
    page.get_by_test_id("ask-ok").click()
    expect(page.get_by_test_id("take-back")).to_be_visible(timeout=SLOW)
    expect(page.get_by_test_id("take-back")).to_have_count(0, timeout=SLOW)
    expect(page.get_by_test_id("practice")).to_have_count(0)


def test_an_items_questions_are_answered_offline_and_read_at_the_desk(
    playwright: Playwright, tmp_path: Path
) -> None:
    server = Server(tmp_path / "data").prepare(demo=True).start()
    try:
        with phone(playwright, tmp_path / "inspector") as context:
            page = context.pages[0]
            sign_in(page, server.url, "duchayuan")
            context.set_offline(True)
            arrival = late_arrival(page, server.url, shot(UPRIGHT, tmp_path / "arrival.jpg"))
            seals = compared_seals(page, server.url, shot(UPRIGHT, tmp_path / "seals.jpg"))
            devices = left_out_devices(page, server.url, shot(UPRIGHT, tmp_path / "devices.jpg"))
            practice = practised(page, server.url)
            begin(page, server.url, "QX-01", shot(UPRIGHT, tmp_path / "again.jpg"))
            page.get_by_test_id("offer-sheet-crew_size").click()
            expect(page.get_by_test_id(field(page, "crew_size"))).to_have_value("3")
            context.set_offline(False)
            in_both_languages(page, "sheet-form", "sheet")
            page.goto(f"{server.url}/record")
            in_both_languages(page, "practice-list", "practice")
            page.goto(f"{server.url}/r/finding/{practice}")
            in_both_languages(page, "practice-record", "practice", unfolded)
            all_sent(page)
            thrown_away(page)
            page.goto(f"{server.url}/r/finding/{seals}")
            all_sent(page)
            in_both_languages(page, "sheet-record", "where", unfolded)

        with signed_in(server.url, "duchayuan") as inspector:
            assert practice not in inspector.records()
        with signed_in(server.url, "zhuguan") as supervisor:
            records = supervisor.records("finding")
            assert practice not in supervisor.records()
            found, compared, left_out = (records[id_] for id_ in (arrival, seals, devices))
            assert (compared["facts"]["calculated"], left_out["facts"]["calculated"]) == (
                {"wrong": 2},
                {"share": 90},
            )
            traced = {one["at"]: one for one in found["data"]["trace"]}
            assert {"unit", "item", "fact", "photos", "sheet.answers.arrived_at"} <= traced.keys()
            arrived = traced["sheet.answers.arrived_at"]
            assert arrived["first"] <= arrived["last"]
            assert compared["data"]["sheet"]["answers"]["seals"][1] == {"place": "door", "there": False}
            assert (found["state"], found["facts"]["calculated"]) == ("submitted", {"took_min": 75})

        with phone(playwright, tmp_path / "desk") as context:
            page = context.pages[0]
            page.set_viewport_size(DESK)
            sign_in(page, server.url, "zhuguan")
            page.goto(f"{server.url}/desk/review")

            def chosen(page: Page) -> None:
                page.locator(f"[data-testid='queue-item'][data-id='{arrival}']").click()
                expect(page.get_by_test_id("sheet")).to_contain_text("75", timeout=SLOW)
                unfolded(page)

            expect(page.locator(f"[data-testid='queue-item'][data-id='{seals}']")).to_be_attached(
                timeout=SLOW
            )
            expect(page.locator(f"[data-testid='queue-item'][data-id='{practice}']")).to_have_count(0)
            in_both_languages(page, "sheet-desk", "queue-item", chosen)
    finally:
        server.kill()
