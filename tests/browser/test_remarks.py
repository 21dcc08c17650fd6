"""A return says where: pinned at the desk by keyboard and mouse, answered on the phone, read beside the remarks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.test_desk import PICTURE_MS, SIZE, infrared, item, state_of, until
from tests.browser.test_desk import sign_in as sign_in_at_desk
from tests.browser.test_returned import all_sent
from tests.support.axe import findings
from tests.support.client import signed_in
from tests.support.look import look
from tests.support.phone import phone, sign_in
from tests.support.server import Server

SLOW_MS = 60_000
WORDS = {
    "zh-CN": ("没有对准接头", "铭牌看不清", "请核对环境温度", "已重测为 13 度"),
    "en": ("Not aimed at the joint", "The label cannot be read", "Check the ambient", "Measured again: 13"),
}


def pin_by_keys(page: Page, text: str) -> None:
    """A rectangle is moved and stretched by keys; Enter leads to its words, Enter pins."""
    page.keyboard.press("m")
    expect(page.get_by_test_id("region-draw")).to_be_focused()
    for key in ("ArrowRight", "ArrowDown", "Shift+ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_test_id("pin-text")).to_be_focused()
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("pin-form")).to_have_count(0)


def pin_by_mouse(page: Page, text: str) -> None:
    page.get_by_test_id("decision-pin").click()
    box = page.get_by_test_id("region-draw").bounding_box()
    assert box
    page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 0.1 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.3 * box["height"], steps=4)
    page.mouse.up()
    expect(page.get_by_test_id("pin-text")).to_be_focused()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def pin_to_field(page: Page, field: str, text: str) -> None:
    page.keyboard.press("m")
    expect(page.get_by_test_id("region-draw")).to_be_focused()
    page.keyboard.press("f")
    expect(page.get_by_test_id("pin-where")).to_be_focused()
    page.get_by_test_id("pin-where").select_option(field)
    page.get_by_test_id("pin-where").press("Enter")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def remarks_of(record: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = record["log"][-1]["data"]["remarks"]
    return found


@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_remarks_are_pinned_answered_on_the_phone_and_read_with_their_answers(
    playwright: Playwright, tmp_path: Path, locale: str
) -> None:
    server = Server(tmp_path / "data", {"MINGCHA_RETURN_OPEN_HOURS": "0"}).prepare(demo=True).start()
    aimed, label, ambient, answer = WORDS[locale]
    try:
        with signed_in(server.url, "duchayuan") as inspector, signed_in(server.url, "zhuguan") as supervisor:
            record = infrared(inspector)
            with phone(playwright, tmp_path / "desk", locale) as context:
                page = context.pages[0]
                page.set_viewport_size(SIZE)
                sign_in_at_desk(page, server.url, "zhuguan", "/desk/review")
                item(page, record).click(timeout=SLOW_MS)
                expect(page.get_by_test_id("hot-spot")).to_be_visible(timeout=PICTURE_MS)
                pin_by_keys(page, aimed)
                pin_by_mouse(page, label)
                page.keyboard.press("m")
                expect(page.get_by_test_id("region-draw")).to_be_focused()
                assert findings(page) == []
                look(page, f"desk-pinning-{locale}")
                page.keyboard.press("Escape")
                pin_to_field(page, "ambient_c", ambient)
                expect(page.get_by_test_id("pin")).to_have_count(3)
                expect(page.get_by_test_id("region")).to_have_count(2)
                assert findings(page) == []
                look(page, f"desk-pinned-{locale}")
                page.keyboard.press("r")
                page.keyboard.press("Control+Enter")  # the remarks are reason enough
                expect(item(page, record)).to_have_attribute("data-decided", "return")
                page.keyboard.press("z")
                expect(page.get_by_test_id("pin")).to_have_count(3)
                page.keyboard.press("r")
                page.keyboard.press("Control+Enter")
                page.keyboard.press("s")
                sent = remarks_of(until("returned", inspector, "infrared", record, page))
                assert [one["text"] for one in sent] == [aimed, label, ambient]
                assert sent[0]["region"] == pytest.approx({"x": 0.37, "y": 0.37, "w": 0.32, "h": 0.3})
                drawn = {"x": 0.1, "y": 0.1, "w": 0.3, "h": 0.2}
                assert sent[1]["region"] == pytest.approx(drawn, abs=0.02)
                assert sent[2]["field"] == "ambient_c"
                page.get_by_test_id("desk-returns").click()
                line = page.locator(f"[data-testid='returned'][data-id='{record}']")
                expect(line).to_have_attribute("data-late", "true", timeout=SLOW_MS)
                assert findings(page) == []
                look(page, f"desk-returns-{locale}")

            with phone(playwright, tmp_path / "phone", locale) as context:
                page = context.pages[0]
                sign_in(page, server.url, "duchayuan")
                page.goto(f"{server.url}/new/infrared/{record}")
                bar = page.get_by_test_id("remark-bar")
                expect(bar).to_have_attribute("data-at", "0", timeout=SLOW_MS)
                expect(bar.get_by_test_id("remark-text")).to_have_text(aimed)
                expect(bar.get_by_test_id("region")).to_be_visible()
                assert findings(page) == []
                look(page, f"phone-remark-{locale}")
                page.get_by_test_id("submit").click()
                expect(page.get_by_test_id("gap-remark")).to_have_count(3)
                bar.get_by_test_id("remark-done").click()
                expect(bar).to_have_attribute("data-at", "1")
                bar.get_by_test_id("remark-done").click()
                expect(bar.get_by_test_id("remark-text")).to_have_text(ambient)
                page.get_by_test_id("field-ambient_c").fill("13")
                bar.get_by_test_id("remark-answer").fill(answer)
                bar.get_by_test_id("remark-done").click()
                expect(bar).to_have_attribute("data-open", "0")
                look(page, f"phone-answered-{locale}")
                page.get_by_test_id("submit").click()
                expect(page).to_have_url(re.compile("/r/"), timeout=SLOW_MS)
                all_sent(page)

            assert state_of(supervisor, "infrared", record) == "submitted"
            log = supervisor.records("infrared")[record]["log"]
            assert [entry["type"] for entry in log] == ["submit", "return", "open", "submit"]
            assert log[-1]["data"]["answers"] == [{"remark": 0}, {"remark": 1}, {"remark": 2, "text": answer}]
            with phone(playwright, tmp_path / "desk", locale) as context:
                page = context.pages[0]
                page.set_viewport_size(SIZE)
                page.goto(f"{server.url}/desk/returns")
                expect(page.locator("h1")).to_be_visible(timeout=SLOW_MS)
                expect(page.locator(f"[data-id='{record}']")).to_have_count(0)
                page.goto(f"{server.url}/desk/review?record={record}")
                lines = page.get_by_test_id("remark-line")
                expect(lines).to_have_count(3, timeout=SLOW_MS)
                expect(lines.nth(2)).to_contain_text(answer)
                expect(page.get_by_test_id("region")).to_have_count(2, timeout=SLOW_MS)
                assert findings(page) == []
                look(page, f"desk-answers-{locale}")
    finally:
        server.kill()
