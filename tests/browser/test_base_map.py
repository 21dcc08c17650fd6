"""The company's base map: fetched with what a round needs, drawn under the points without a network."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.test_ready import fetch, states
from tests.support.basemap import AT, county
from tests.support.look import in_both_languages, look
from tests.support.phone import phone, sign_in
from tests.support.server import Server

COLOURS = """canvas => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    const found = new Set()
    for (let i = 0; i < data.length; i += 4) found.add(`${data[i]},${data[i + 1]},${data[i + 2]}`)
    return [...found]
}"""
WATER_AT = """(canvas, water) => {
    const { data, width } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    let n = 0, x = 0, y = 0
    for (let i = 0; i < data.length; i += 4)
        if (`${data[i]},${data[i + 1]},${data[i + 2]}` === water) {
            n += 1
            x += (i / 4) % width
            y += Math.floor(i / 4 / width)
        }
    return n ? [x / n, y / n] : undefined
}"""
WATER, WATER_AT_NIGHT, LAND = "188,215,234", "27,51,71", "244,242,236"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """The demo company with a base map."""
    path = tmp_path / "county.pmtiles"
    path.write_bytes(county())
    running = Server(tmp_path / "data", {"MINGCHA_BASE_MAP": str(path)}).prepare(demo=True).start()
    yield running
    running.kill()


def colours(page: Page) -> set[str]:
    return set(page.get_by_test_id("map").evaluate(COLOURS))


def locate(page: Page) -> None:
    expect(page.get_by_test_id("near-state")).to_contain_text(re.compile("6 m"), timeout=20_000)
    for _ in range(2):
        page.get_by_test_id("map-in").click()


def lake(page: Page, server: Server) -> tuple[float, float, float]:
    """Where the county's lake is drawn on the desk's map, in pixels, and the map's zoom."""
    page.goto(f"{server.url}/desk/map")
    map_ = page.get_by_test_id("map")
    expect(page.get_by_test_id("map-item").first).to_be_visible(timeout=90_000)
    expect(map_).to_have_attribute("data-tiles", re.compile("[1-9]"), timeout=20_000)
    map_.hover(position={"x": 520, "y": 370})
    page.mouse.wheel(0, -900)
    page.wait_for_timeout(1500)
    x, y = map_.evaluate(WATER_AT, WATER)
    return x, y, float(map_.get_attribute("data-zoom") or 0)


def test_the_base_map_is_fetched_before_a_round_and_drawn_without_a_network(
    playwright: Playwright, tmp_path: Path, server: Server
) -> None:
    with phone(playwright, tmp_path / "profile") as context:
        page = context.pages[0]
        context.grant_permissions(["geolocation"])
        context.set_geolocation({"latitude": AT[0], "longitude": AT[1], "accuracy": 6})
        sign_in(page, server.url, "duchayuan")
        page.goto(f"{server.url}/find/near")
        locate(page)
        expect(page.get_by_test_id("map")).to_have_attribute("data-tiles", "0")
        assert WATER not in colours(page)

        page.goto(f"{server.url}/ready")
        assert states(page)["map"] == "bad never"
        assert fetch(page)["map"] == "ok ok"
        expect(page.get_by_test_id("ready-map")).to_contain_text("0.1 MB")
        look(page, "base-map-ready")

        server.stop()
        page.goto(f"{server.url}/ready")
        assert states(page)["map"] == "ok ok"
        page.goto(f"{server.url}/find/near")
        locate(page)
        drawn = page.get_by_test_id("map")
        expect(drawn).to_have_attribute("data-tiles", re.compile("[1-9]"), timeout=20_000)
        page.wait_for_timeout(300)
        assert {WATER, LAND} <= colours(page)
        in_both_languages(page, "base-map-near", "map", locate)
        page.emulate_media(color_scheme="dark")
        page.wait_for_timeout(300)
        assert WATER_AT_NIGHT in colours(page)
        look(page, "base-map-near-dark")


def test_the_desk_has_it_too_and_one_in_gcj_02_is_drawn_where_it_belongs(
    playwright: Playwright, tmp_path: Path, server: Server
) -> None:
    with phone(playwright, tmp_path / "desk") as context:
        page = context.pages[0]
        page.set_viewport_size({"width": 1440, "height": 900})
        sign_in(page, server.url, "zhuguan")
        x, y, zoom = lake(page, server)
        in_both_languages(page, "base-map-desk", "map-item", lambda page: lake(page, server), whole=False)
        records = page.get_by_test_id("map-list").get_attribute("data-total")

        server.stop()
        server.env["MINGCHA_BASE_MAP_DATUM"] = "gcj02"
        server.start()
        to_x, to_y, to_zoom = lake(page, server)
        look(page, "base-map-desk-gcj02", whole=False)
        assert to_zoom == zoom
        # By the published formula 545 m west and 11 m south near the lake; the map has its middle elsewhere.
        metres = 40_075_017 * math.cos(math.radians(AT[0])) / (256 * 2**zoom)
        assert (x - to_x) * metres == pytest.approx(545, abs=60)
        assert (to_y - y) * metres == pytest.approx(11, abs=60)
        assert page.get_by_test_id("map-list").get_attribute("data-total") == records
