"""Conflicts and refusals are settled by whom they concern: at the desk with one key, on a phone with one tap."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from tests.support.axe import findings
from tests.support.client import PASSWORD, Client, signed_in, uuid7
from tests.support.look import in_both_languages, look
from tests.support.phone import FLAGS, NOT_STORED, PHONE
from tests.support.server import Server

DESK = {"width": 1440, "height": 900}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("exceptions") / "data").prepare(demo=True).start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def pages(chromium: Browser, company: Server) -> Iterator[Any]:
    opened: list[BrowserContext] = []

    def open_as(login: str, path: str, size: dict[str, int], locale: str = "zh-CN") -> Page:
        context = chromium.new_context(viewport=size, locale=locale)
        opened.append(context)
        page = context.new_page()
        page.add_init_script(NOT_STORED)
        page.goto(company.url + path)
        page.get_by_test_id("signin-login").fill(login)
        page.get_by_test_id("signin-password").fill(PASSWORD)
        page.get_by_test_id("signin-submit").click()
        expect(page.get_by_test_id("sync-strip")).to_be_visible()
        return page

    yield open_as
    for context in opened:
        context.close()


def clash(url: str, mark: str, **more: tuple[str, str]) -> tuple[str, Client]:
    """Two people change the seal (and `more` fields) of a meter box; the manager's phone loses. Answers the box."""
    first, second = ({name: pair[side] for name, pair in more.items()} for side in (0, 1))
    inspector, manager = signed_in(url, "duchayuan"), signed_in(url, "taiqu")
    box = next(row for row in manager.records("meter_box").values() if row["data"]["unit"] == manager.unit)
    inspector.applied(inspector.put("meter_box", box["id"], {"seal": f"铅封 {mark}-1", **first}, box["rev"]))
    (lost,) = manager.push(
        manager.put("meter_box", box["id"], {"seal": f"铅封 {mark}-2", **second}, box["rev"])
    )
    assert lost["status"] == "conflict"
    inspector.http.close()
    return str(box["id"]), manager


def seal(client: Client, box: str) -> str:
    return str(client.records("meter_box")[box]["data"]["seal"])


def test_the_desk_takes_the_other_value_with_one_key(company: Server, pages: Any) -> None:
    box, manager = clash(company.url, "A")
    page = pages("guanli", "/desk/exceptions", DESK)
    expect(page.get_by_test_id("exception-kept")).to_have_text("铅封 A-1")
    expect(page.get_by_test_id("exception-other")).to_have_text("铅封 A-2")
    expect(page.locator("main")).to_contain_text("赵磊")
    expect(page.locator("main")).to_contain_text("王建国")
    expect(page.get_by_test_id("desk-exceptions")).to_contain_text("1")
    expect(page.get_by_test_id("exception-item")).to_contain_text("赵磊")
    in_both_languages(page, "desk-conflict", "exception-kept", whole=False)
    page.keyboard.press("2")
    expect(page.get_by_test_id("desk-status")).to_have_text("已处理：用另一台的值。")
    in_both_languages(page, "desk-empty", "exceptions-empty", whole=False)
    assert seal(manager, box) == "铅封 A-2"
    manager.http.close()

    box, manager = clash(company.url, "D", address=("人民路 1 号楼 1 单元门口", "人民路 1 号楼东侧墙"))
    page.reload()
    expect(page.get_by_test_id("choose-picked")).to_be_disabled()
    page.keyboard.press("3")  # not before each field is chosen

    def half(page: Page) -> None:
        page.get_by_test_id("pick-seal-other").locator("..").click()

    in_both_languages(page, "desk-fields", "choice-seal", half, whole=False)
    page.get_by_test_id("pick-address-kept").locator("..").click()
    page.keyboard.press("3")
    expect(page.get_by_test_id("desk-status")).to_have_text("已处理：各项按所选。")
    assert seal(manager, box) == "铅封 D-2"
    assert manager.records("meter_box")[box]["data"]["address"] == "人民路 1 号楼 1 单元门口"
    page.get_by_test_id("tab-settled").click()
    expect(page.get_by_test_id("exception-settled")).to_contain_text("周丽")
    expect(page.get_by_test_id("exception-settled")).to_contain_text("各项分别选了值")
    in_both_languages(
        page,
        "desk-settled",
        "tab-settled",
        lambda page: page.get_by_test_id("tab-settled").click(),
        whole=False,
    )
    manager.http.close()


def test_the_second_reviewer_is_told_who_was_faster(company: Server, pages: Any) -> None:
    box, manager = clash(company.url, "B")
    page = pages("guanli", "/desk/exceptions", DESK, "en")
    expect(page.get_by_test_id("exception-other")).to_have_text("铅封 B-2")
    with signed_in(company.url, "duchayuan2") as colleague:
        (one,) = colleague.http.get("/api/v1/sync/exceptions", params={"mine": True}).json()["exceptions"]
        answer = colleague.http.post(
            f"/api/v1/sync/exceptions/{one['device']}/{one['n']}/settle",
            json={"choice": "keep", "rev": one["rev"]},
        )
        assert answer.status_code == 200
    page.keyboard.press("2")
    expect(page.get_by_test_id("desk-status")).to_have_text("陈晓燕 has settled this one already.")
    assert seal(manager, box) == "铅封 B-1"
    manager.http.close()


def test_a_phone_settles_what_another_phone_lost(company: Server, pages: Any) -> None:
    box, manager = clash(company.url, "C")
    other, second = clash(company.url, "E", address=("人民路 1 号楼西门", "人民路 1 号楼北门"))
    second.http.close()
    page = pages("duchayuan2", "/me", PHONE)
    expect(page.get_by_test_id("me-exceptions")).to_contain_text("2")
    page.get_by_test_id("me-exceptions").click()
    in_both_languages(page, "phone-conflict", "exception-item")
    item = page.get_by_test_id("exception-item").filter(has_text="铅封 C-2")
    item.get_by_test_id("choose-take").click()
    expect(item).to_have_count(0)
    assert seal(manager, box) == "铅封 C-2"
    page.get_by_test_id("pick-seal-other").locator("..").click()
    page.get_by_test_id("pick-address-kept").locator("..").click()
    page.get_by_test_id("choose-picked").click()
    in_both_languages(page, "phone-empty", "exceptions-empty")
    assert seal(manager, other) == "铅封 E-2"
    assert manager.records("meter_box")[other]["data"]["address"] == "人民路 1 号楼西门"
    manager.http.close()


def test_a_refusal_is_read_in_words_exported_and_let_be_with_a_reason(
    company: Server, pages: Any, tmp_path: Path
) -> None:
    with signed_in(company.url, "duchayuan") as client:
        finding = uuid7()
        client.push(
            client.put("finding", finding, {"unit": client.unit, "fact": "没有照片"}),
            client.event("finding", uuid7(), "submit"),
            client.put("meter_box", uuid7(), {"unit": client.unit, "seal": "铅封 9"}),
            {**client.put("finding", uuid7(), {}), "surplus": 1},
        )
    page = pages("zhuguan", "/desk/exceptions", DESK)
    items = page.get_by_test_id("exception-item")
    expect(items).to_have_count(3)
    page.locator('[data-testid="exception-item"][data-code="malformed"]').click()
    expect(page.get_by_test_id("exception-payload")).to_contain_text("surplus")
    page.locator('[data-testid="exception-item"][data-code="invalid"]').click()
    expect(page.get_by_test_id("exception-payload")).to_contain_text("铅封 9")
    expect(page.get_by_test_id("exception-payload")).to_contain_text("封印")
    in_both_languages(
        page,
        "desk-rejected",
        "exception-item",
        lambda page: page.locator('[data-testid="exception-item"][data-code="invalid"]').click(),
        whole=False,
    )
    page.locator('[data-testid="exception-item"][data-code="invalid"]').click()
    with page.expect_download() as download:
        page.keyboard.press("e")
    download.value.save_as(tmp_path / "export.json")
    exported = json.loads((tmp_path / "export.json").read_text())["exceptions"]
    assert {one["code"] for one in exported if not one["settled"]} == {"malformed", "invalid", "not_found"}
    assert all(one["payload"] for one in exported)
    page.keyboard.press("x")
    expect(page.get_by_test_id("reason-panel")).to_be_visible()
    look(page, "desk-reason-zh", whole=False)
    assert findings(page) == []
    page.get_by_test_id("let-be-send").click()
    expect(items).to_have_count(3)  # not without a reason
    page.get_by_test_id("reason").fill("已在督办台录入")
    page.get_by_test_id("let-be-send").click()
    expect(items).to_have_count(2)
    page.get_by_test_id("tab-settled").click()
    expect(page.get_by_test_id("exception-settled").first).to_contain_text("已在督办台录入")
