"""The company's base map: fetched with what a round needs, drawn under the points without a network."""

from __future__ import annotations

import re
from pathlib import Path

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
WATER, WATER_AT_NIGHT, LAND = "188,215,234", "27,51,71", "244,242,236"


def colours(page: Page) -> set[str]:
    return set(page.get_by_test_id("map").evaluate(COLOURS))


def locate(page: Page) -> None:
    expect(page.get_by_test_id("near-state")).to_contain_text(re.compile("6 m"), timeout=20_000)
    for _ in range(2):
        page.get_by_test_id("map-in").click()


def test_the_base_map_is_fetched_before_a_round_and_drawn_without_a_network(
    playwright: Playwright, tmp_path: Path
) -> None:
    path = tmp_path / "county.pmtiles"
    path.write_bytes(county())
    server = Server(tmp_path / "data", {"MINGCHA_BASE_MAP": str(path)}).prepare(demo=True).start()
    try:
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
    finally:
        server.kill()
