"""The editor at the desk: a form from an XLSForm to a phone and back, offline; a rule tried first; two editors."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import Locator, Page, Playwright, expect

from backend.features.editions.service import shipped
from tests.support.client import signed_in
from tests.support.look import in_both_languages
from tests.support.phone import add_photo, choose, open_form, phone, sign_in
from tests.support.server import Server

pytestmark = pytest.mark.timeout(900)
SLOW = 90_000
NEW_ITEM = "营业厅门前无障碍坡道被占用"
SURVEY = [
    [
        "type",
        "name",
        "label::zh",
        "label::en",
        "required",
        "constraint",
        "constraint_message::zh",
        "appearance",
    ],
    ["text", "pole", "杆号", "Pole", "yes"],
    ["integer", "height", "高度", "Height", "yes", ". <= 30", "最高 30 米", "w1"],
    ["note", "care", "注意带电", "Live parts"],
    ["image", "whole", "全景", "Whole", "yes"],
]


def workbook(path: Path) -> Path:
    made = Workbook()
    sheet = made.active
    sheet.title = "survey"
    for row in SURVEY:
        sheet.append(row)
    settings = made.create_sheet("settings")
    settings.append(["form_title", "form_id"])
    settings.append(["杆塔巡视", "pole_patrol"])
    made.save(path)
    return path


def picture(path: Path) -> Path:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (640, 480), (90, 140, 90)).save(out, "JPEG")
    path.write_bytes(out.getvalue())
    return path


def idle(page: Page) -> None:
    expect(page.get_by_test_id("sync-strip").first).to_have_attribute("data-phase", "idle", timeout=SLOW)


def test_a_form_goes_from_a_workbook_to_the_phone_and_a_rule_is_tried_first(
    playwright: Playwright, tmp_path: Path
) -> None:
    server = Server(tmp_path / "data").prepare(demo=True).start()
    try:
        with phone(playwright, tmp_path / "desk") as context:
            page = context.pages[0]
            page.set_viewport_size({"width": 1440, "height": 900})
            sign_in(page, server.url, "guanli")
            page.goto(f"{server.url}/desk/rules")
            _imports_and_publishes(page, tmp_path)
            _tries_a_rule(page)
            _is_told_of_the_other(page, server.url)
            in_both_languages(page, "desk-rules", "rules-cap")
        with phone(playwright, tmp_path / "phone") as context:
            page = context.pages[0]
            sign_in(page, server.url, "duchayuan")
            idle(page)
            context.set_offline(True)
            page.get_by_test_id("tab-record").click()
            page.get_by_test_id("new-form-pole_patrol").click(timeout=SLOW)
            in_both_languages(page, "phone-own-form", "field-sheet-pole")
            choose(page, "unit", "城关供电所")
            page.get_by_test_id("field-sheet-pole").fill("9")
            expect(page.get_by_test_id("field-sheet-height")).to_have_count(0, timeout=SLOW)
            page.get_by_test_id("field-sheet-pole").fill("12")
            page.get_by_test_id("field-sheet-height").fill("31")
            add_photo(page, "form_1", picture(tmp_path / "whole.jpg"))
            page.get_by_test_id("submit").click()
            expect(page.get_by_text("最高 30 米").first).to_be_visible(timeout=SLOW)
            page.get_by_test_id("field-sheet-height").fill("12")
            page.get_by_test_id("submit").click()
            expect(page.get_by_test_id("where").first).to_have_attribute("data-where", "local", timeout=SLOW)
            expect(page.get_by_text("杆塔巡视").first).to_be_visible(timeout=SLOW)
            record = page.url.rsplit("/", 1)[1]
            open_form(page, server.url, "finding")
            choose(page, "item", "YYT-02")
            expect(page.get_by_test_id("field-item")).to_contain_text(NEW_ITEM)
            page.goto(f"{server.url}/r/form/{record}")
            context.set_offline(False)
            expect(page.get_by_test_id("where").first).to_have_attribute("data-where", "sent", timeout=SLOW)
        with phone(playwright, tmp_path / "reviewer") as context:
            page = context.pages[0]
            page.set_viewport_size({"width": 1440, "height": 900})
            sign_in(page, server.url, "zhuguan")
            idle(page)
            page.goto(f"{server.url}/desk/review?record={record}")
            expect(page.get_by_test_id("form-facts")).to_contain_text("12", timeout=SLOW)
            expect(page.get_by_test_id("subject")).to_have_text("杆塔巡视")
            page.goto(f"{server.url}/desk/records?kind=form")
            expect(page.get_by_text("杆塔巡视").first).to_be_visible(timeout=SLOW)
    finally:
        server.stop()


def _imports_and_publishes(page: Page, folder: Path) -> None:
    expect(page.get_by_test_id("rules")).to_be_visible(timeout=SLOW)
    page.get_by_test_id("rules-import").set_input_files(workbook(folder / "poles.xlsx"))
    expect(page.get_by_test_id("rules-imported")).to_contain_text("appearance", timeout=SLOW)
    expect(page.get_by_test_id("form-question")).to_have_count(3)
    page.get_by_test_id("question-zh").first.fill("")
    expect(page.get_by_test_id("rules-faults")).to_contain_text("questions.pole.text", timeout=SLOW)
    expect(page.get_by_test_id("rules-publish")).to_be_disabled()
    page.get_by_test_id("question-zh").first.fill("杆号")
    expect(page.get_by_test_id("rules-faults")).to_have_count(0, timeout=SLOW)
    _writes_a_condition(page)
    _writes_what_is_worked_out_and_where_a_list_comes_from(page)
    page.get_by_test_id("rules-tab-preview").press("Enter")
    page.get_by_test_id("phone-preview").get_by_test_id("field-sheet-pole").fill("12")
    expect(page.get_by_test_id("phone-preview").get_by_test_id("field-sheet-height")).to_be_visible()
    page.get_by_test_id("rules-tab-edit").press("Enter")
    page.get_by_test_id("rules-save").click()
    expect(page.get_by_test_id("rules-publish")).to_be_enabled(timeout=SLOW)
    page.get_by_test_id("rules-publish").press("Enter")
    expect(page.get_by_test_id("rules-state")).to_contain_text("已发布", timeout=SLOW)
    page.get_by_test_id("rules-tab-history").click()
    expect(page.get_by_test_id("rules-history").locator("tbody tr")).to_have_count(1)
    page.get_by_test_id("rules-tab-edit").click()
    in_both_languages(page, "desk-rules-form", "form-question")
    page.get_by_test_id("rules-back").click()
    page.get_by_test_id("rules-checklist").click()
    expect(page.get_by_test_id("condition-kept").first).to_contain_text("分钟数", timeout=SLOW)
    expect(page.get_by_test_id("checklist-item")).to_have_count(40)
    expect(page.get_by_test_id("checklist-rest")).to_contain_text("46")
    in_both_languages(page, "desk-rules-checklist", "checklist-item")
    _publishes_an_item(page)
    page.goto(page.url.split("?")[0] + "?part=nosuch")
    expect(page.get_by_test_id("rules-problem")).to_contain_text("nosuch", timeout=SLOW)
    page.get_by_test_id("rules-back").click()


def _publishes_an_item(page: Page) -> None:
    """A checklist's item in other words, from today on."""
    page.get_by_test_id("checklist-find").fill("YYT-02")
    expect(page.get_by_test_id("checklist-item")).to_have_count(1)
    page.get_by_test_id("item-zh").fill(NEW_ITEM)
    expect(page.get_by_test_id("rules-faults")).to_have_count(0, timeout=SLOW)
    page.get_by_test_id("rules-save").click()
    expect(page.get_by_test_id("rules-publish")).to_be_enabled(timeout=SLOW)
    page.get_by_test_id("rules-publish").press("Enter")
    expect(page.get_by_test_id("rules-state")).to_contain_text("已发布", timeout=SLOW)


def _writes_a_condition(page: Page) -> None:
    """Named at the field while it is not filled in, then said in both languages; the phone asks by it."""
    asked = page.get_by_test_id("form-question").nth(1).get_by_test_id("question-when")
    expect(page.get_by_test_id("limit-hold").first).to_contain_text("“Height” is at most 30.")
    asked.get_by_test_id("condition-add").press("Enter")
    expect(asked.get_by_test_id("condition-question")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_test_id("rules-faults")).to_contain_text("questions.height.when", timeout=SLOW)
    asked.get_by_test_id("condition-question").select_option("pole")
    asked.get_by_test_id("condition-test").select_option("!=")
    expect(asked.get_by_test_id("condition-fault")).to_contain_text("填上")
    expect(page.get_by_test_id("rules-publish")).to_be_disabled()
    asked.get_by_test_id("condition-value").fill("9")
    asked.get_by_test_id("condition-value").press("Tab")
    expect(asked.get_by_test_id("condition-said")).to_contain_text("「杆号」不等于「9」。")
    expect(asked.get_by_test_id("condition-said")).to_contain_text("“Pole” is not “9”.")
    expect(page.get_by_test_id("rules-faults")).to_have_count(0, timeout=SLOW)


def _added(page: Page, name: str, zh: str, en: str, type_: str) -> Locator:
    page.get_by_test_id("form-add-question").press("Enter")
    question = page.get_by_test_id("form-question").last
    for field, said in (("name", name), ("zh", zh), ("en", en)):
        question.get_by_test_id(f"question-{field}").fill(said)
    question.get_by_test_id("question-type").select_option(type_)
    return question


def _writes_what_is_worked_out_and_where_a_list_comes_from(page: Page) -> None:
    """Unit, formula and source are fields; what is not finished is named and cannot be published."""
    height = page.get_by_test_id("form-question").nth(1)
    height.get_by_test_id("question-more").press("Enter")
    height.get_by_test_id("question-unit-zh").fill("米")
    height.get_by_test_id("question-unit-en").fill("m")

    twice = _added(page, "twice", "两倍杆高", "Twice the height", "calculated")
    twice.get_by_test_id("formula").fill("round(height * ")
    expect(twice.get_by_test_id("formula-fault")).to_contain_text("“*”")
    expect(page.get_by_test_id("rules-faults")).to_contain_text("questions.twice", timeout=SLOW)
    twice.get_by_test_id("formula").fill("round(height * 2, 1)")
    expect(twice.get_by_test_id("formula-said")).to_contain_text("乘以")

    box = _added(page, "box", "附近计量箱", "Meter box nearby", "register")
    box.get_by_test_id("source-kind").select_option("meter_box")
    box.get_by_test_id("source-add").press("Enter")
    expect(box.get_by_test_id("source-narrow")).to_have_count(1)
    box.get_by_test_id("source-narrow").get_by_role("button").press("Enter")
    expect(box.get_by_test_id("source-narrow")).to_have_count(0)
    expect(page.get_by_test_id("rules-faults")).to_have_count(0, timeout=SLOW)


def _tries_a_rule(page: Page) -> None:
    page.get_by_test_id("rules-points").click()
    page.get_by_test_id("rules-cap").fill("6")
    expect(page.get_by_test_id("rules-faults")).to_contain_text("classes.P12", timeout=SLOW)
    page.get_by_test_id("rules-cap").fill("13")
    expect(page.get_by_test_id("rules-faults")).to_have_count(0, timeout=SLOW)
    page.get_by_test_id("rules-tab-changes").click()
    expect(page.get_by_test_id("rules-changes")).to_contain_text("cap_points", timeout=SLOW)
    page.get_by_test_id("rules-tab-trial").click()
    page.get_by_test_id("trial-run").press("Enter")
    expect(page.get_by_test_id("trial-exact")).to_contain_text("完全一致", timeout=SLOW)
    page.get_by_test_id("trial-unit").first.press("Enter")
    expect(page.get_by_test_id("trial-entries").locator("tbody tr").first).to_be_visible(timeout=SLOW)
    page.get_by_test_id("rules-tab-edit").click()


def _is_told_of_the_other(page: Page, url: str) -> None:
    with signed_in(url, "guanli") as other:
        body = shipped("points", "2026.11") | {"cap_points": 20}
        said = other.http.put("/api/v1/editions/draft", json={"part": "points", "after": 0, "body": body})
        assert said.status_code == 200, said.text
        late = other.http.put("/api/v1/editions/draft", json={"part": "points", "after": 0, "body": body})
        assert (late.status_code, late.json()["code"]) == (409, "edited_meanwhile")
        bad = other.http.post("/api/v1/editions/xlsform", content=b"no workbook")
        assert (bad.status_code, bad.json()["code"]) == (422, "xlsform_unreadable")
        early = {"part": "points", "after": 1, "effective_from": "2026-01-01"}
        assert other.http.post("/api/v1/editions/publish", json=early).json()["code"] == "day_in_the_past"
    page.get_by_test_id("rules-save").click()
    expect(page.get_by_test_id("rules-problem")).to_be_visible(timeout=SLOW)
    page.get_by_test_id("rules-take").click()
    expect(page.get_by_test_id("rules-cap")).to_have_value("20", timeout=SLOW)
    with signed_in(url, "duchayuan") as inspector:
        assert inspector.http.get("/api/v1/editions").status_code == 404
