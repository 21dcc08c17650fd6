"""Measuring on a real thermal picture without a network: touch, tools, palette, conditions, phases."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Playwright, expect

from tests.support.axe import findings
from tests.support.client import signed_in
from tests.support.phone import (
    SAMPLES,
    THERMAL,
    add_photo,
    choose,
    open_form,
    phone,
    shot,
    sign_in,
    submit,
)
from tests.support.server import Server

EXPECTED = json.loads((SAMPLES / "expected.json").read_text("utf-8"))["files"]
T640 = EXPECTED["thermal-parser/FLIR_T640.jpg"]["temperature_celsius"]["independent_fff_reader"]
FULL = SAMPLES / "state-grid-synthetic" / "sg_full.jpg"
EDGE = (112, 200)  # warm, and cold twenty pixels of the screen to the right
TOLERANCE_K = 0.15  # shown with one decimal


def pictured(page: Page, name: str) -> None:
    """A picture of the screen where SHOTS names a folder, to be looked at."""
    if folder := os.environ.get("SHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{name}.png")


def canvas(page: Page) -> Locator:
    expect(page.get_by_test_id("thermal")).to_have_attribute("data-ready", "true", timeout=60_000)
    return page.get_by_test_id("thermal-canvas")


def tap(
    page: Page, x: int, y: int, size: tuple[int, int], to: tuple[int, int] | None = None, name: str = ""
) -> None:
    """A finger on a pixel of the picture, lifted there or at another."""
    area = canvas(page).bounding_box()
    assert area is not None

    def place(column: int, row: int) -> tuple[float, float]:
        left = area["x"] + (column + 0.5) * area["width"] / size[0]
        return left, area["y"] + (row + 0.5) * area["height"] / size[1]

    page.mouse.move(*place(x, y))
    page.mouse.down()
    if to:
        page.mouse.move(*place(*to), steps=4)
    if name:
        pictured(page, name)
    page.mouse.up()


def grasp_beside(page: Page, x: int, y: int, size: tuple[int, int]) -> None:
    """A glove takes hold beside the point: the glass shows the point, and a drop of rain elsewhere moves nothing."""
    tap(page, x, y, size)
    area = canvas(page).bounding_box()
    assert area is not None
    left, top = (
        area["x"] + (x + 0.5) * area["width"] / size[0],
        area["y"] + (y + 0.5) * area["height"] / size[1],
    )
    own = page.get_by_test_id("thermal-reading").locator("dd").first.inner_text()
    page.mouse.move(left + 20, top)
    page.mouse.down()
    expect(page.get_by_test_id("thermal-glass")).to_have_text(f"{own} °C")
    drop = {"pointerId": 77, "pointerType": "touch", "clientX": area["x"] + 4, "clientY": area["y"] + 4}
    for event in ("pointerdown", "pointermove", "pointerup"):
        page.get_by_test_id("thermal-canvas").dispatch_event(event, drop)
    expect(page.get_by_test_id("thermal-glass")).to_have_text(f"{own} °C")
    page.mouse.up()


def shown(page: Page) -> float:
    """The large reading in °C."""
    text = page.get_by_test_id("thermal-value").inner_text()
    return float(text.rsplit("\n", 1)[1].removesuffix(" °C").replace("−", "-"))


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_an_inspector_measures_three_phases_offline(
    playwright: Playwright, tmp_path: Path, locale: str
) -> None:
    server = Server(tmp_path / "data").prepare(demo=True).start()
    found: dict[str, list[str]] = {}
    size = (T640["width"], T640["height"])
    try:
        with phone(playwright, tmp_path / "profile", locale) as context:
            context.add_init_script(f"localStorage.setItem('mingcha.language', '{locale}')")
            page = context.pages[0]
            sign_in(page, server.url, "duchayuan")
            server.stop()
            open_form(page, server.url, "infrared")
            choose(page, "equipment", "CH-0001")
            add_photo(page, "thermal", shot(THERMAL, tmp_path / "thermal.jpg"))
            page.get_by_test_id("field-ambient_c").fill("12")
            page.get_by_test_id("measure").click()
            expect(page.get_by_test_id("thermal-trust")).to_contain_text("FLIR", timeout=60_000)
            canvas(page)
            pictured(page, f"thermal-empty-{locale}")
            found["empty"] = findings(page)

            x, y, c = T640["points"]["center"]
            tap(page, x, y, size, name=f"thermal-finger-{locale}")
            assert shown(page) == pytest.approx(c, abs=1.5), (
                "the mean of nine pixels, one screen pixel being two"
            )
            page.get_by_test_id("thermal-remove").click()
            grasp_beside(page, *EDGE, size)
            page.get_by_test_id("thermal-remove").click()
            page.get_by_test_id("tool-box").click()
            box = T640["box"]
            tap(page, box["x0"], box["y0"], size, to=(box["x1"] - 1, box["y1"] - 1))
            assert shown(page) == pytest.approx(box["max"], abs=TOLERANCE_K)
            page.get_by_test_id("tool-line").click()
            tap(page, 20, 440, size, to=(600, 440))
            expect(page.get_by_test_id("thermal-profile")).to_be_visible()
            pictured(page, f"thermal-line-{locale}")
            found["line"] = findings(page)
            page.get_by_test_id("tool-hot").click()
            expect(page.get_by_test_id("thermal-beside")).to_contain_text("δ")
            pictured(page, f"thermal-phases-{locale}")
            found["phases"] = findings(page)

            page.get_by_test_id("panel-look").click()
            page.get_by_test_id("palette-ironbow").click()
            page.get_by_test_id("isotherm").click()
            expect(page.get_by_test_id("isotherm-share")).to_contain_text("%")
            pictured(page, f"thermal-look-{locale}")
            found["look"] = findings(page)
            page.get_by_test_id("panel-conditions").click()
            before = canvas(page).get_attribute("aria-label")
            page.get_by_test_id("field-thermal-emissivity").fill("0.6")
            expect(page.get_by_test_id("thermal-canvas")).not_to_have_attribute("aria-label", before or "")
            pictured(page, f"thermal-conditions-{locale}")
            found["conditions"] = findings(page)
            page.get_by_test_id("thermal-use").click()
            expect(page.get_by_test_id("thermal")).to_have_count(0)
            expect(page.get_by_test_id("measured")).to_be_visible()
            expect(page.get_by_test_id("field-emissivity")).to_have_value("0.6")
            pictured(page, f"thermal-form-{locale}")
            page.emulate_media(color_scheme="dark")
            pictured(page, f"thermal-form-dark-{locale}")
    finally:
        server.kill()
    assert {screen: some for screen, some in found.items() if some} == {}


def test_finished_temperatures_say_that_they_stay_and_the_measurement_reaches_the_server(
    playwright: Playwright, tmp_path: Path
) -> None:
    server = Server(tmp_path / "data").prepare(demo=True).start()
    full = EXPECTED["state-grid-synthetic/sg_full.jpg"]["temperature_celsius"]["state_grid_layout"]
    size = (full["width"], full["height"])
    picture = tmp_path / "grid.jpg"
    picture.write_bytes(FULL.read_bytes())
    try:
        with phone(playwright, tmp_path / "profile") as context:
            page = context.pages[0]
            sign_in(page, server.url, "duchayuan")
            open_form(page, server.url, "infrared")
            choose(page, "equipment", "CH-0001")
            add_photo(page, "thermal", picture)
            add_photo(page, "visible", SAMPLES / "exif-orientation" / "Landscape_3.jpg")
            page.get_by_test_id("measure").click()
            canvas(page)
            page.get_by_test_id("panel-conditions").click()
            expect(page.get_by_test_id("thermal-fixed")).to_be_visible()
            pictured(page, "thermal-fixed")
            hot_x, hot_y = full["max_at"]
            tap(page, hot_x, hot_y, size)
            tap(page, 20, 200, size)
            tap(page, 290, 30, size)
            pictured(page, "thermal-three")
            page.get_by_test_id("field-thermal-ambient").fill("20")
            pictured(page, "thermal-delta")
            page.get_by_test_id("thermal-use").click()
            page.get_by_test_id("field-load_a").fill("210")
            pictured(page, "thermal-judged")
            id_ = submit(page, "sent")
            expect(page.get_by_test_id("sync-strip")).to_have_attribute("data-waiting", "0", timeout=60_000)
        with signed_in(server.url, "duchayuan") as client:
            body = client.records("infrared")[id_]["data"]
        measured = body["measured"]
        assert (measured["format"], measured["trust"], measured["adjusted"]) == (
            "power_industry",
            "exact",
            False,
        )
        assert measured["conditions"]["emissivity"] == pytest.approx(0.9)
        assert measured["photo"] in {photo["sha256"] for photo in body["photos"]}
        assert [mark["label"] for mark in measured["marks"]] == [point["label"] for point in body["points"]]
        assert body["ambient_c"] == 20
        for mark, point in zip(measured["marks"], body["points"], strict=True):
            assert point["temp_c"] == pytest.approx(mark["temp_c"], abs=0.051)
    finally:
        server.kill()


def test_a_picture_whose_temperatures_nobody_can_read_says_what_to_do(
    playwright: Playwright, tmp_path: Path
) -> None:
    server = Server(tmp_path / "data").prepare(demo=True).start()
    try:
        with phone(playwright, tmp_path / "profile") as context:
            page = context.pages[0]
            sign_in(page, server.url, "duchayuan")
            open_form(page, server.url, "infrared")
            for name, words in (
                ("thermal-parser/DJI_XTS.jpg", "大疆软件"),
                ("metadata-extractor-images/FLIR_not_radiometric.jpg", "没有温度数据"),
            ):
                add_photo(page, "thermal", SAMPLES / name)
                page.get_by_test_id("measure").click()
                expect(page.get_by_test_id("thermal-trouble")).to_contain_text(words, timeout=60_000)
                pictured(page, f"thermal-trouble-{Path(name).stem}")
                page.get_by_test_id("thermal-close").click()
                page.locator(".frames__remove").first.click()
    finally:
        server.kill()
