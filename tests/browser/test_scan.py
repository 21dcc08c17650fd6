"""A label through the camera leads to the thing it stands on; Chromium's fake camera plays the pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
import qrcode
from PIL import Image
from playwright.sync_api import Locator, Page, Playwright, expect

from tests.support.axe import findings
from tests.support.look import in_both_languages, look
from tests.support.phone import phone, sign_in
from tests.support.server import Server

SIZE = (640, 480)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("scan")).prepare(demo=True).start()
    try:
        yield running
    finally:
        running.kill()


def label(text: str) -> Image.Image:
    code = qrcode.QRCode(border=4, box_size=6)
    code.add_data(text)
    return code.make_image().get_image().convert("RGB")


def seen(folder: Path, *labels: tuple[str, tuple[int, int]]) -> Path:
    """What the camera sees: labels on a grey wall, for as long as it looks."""
    wall = Image.new("RGB", SIZE, (140, 140, 140))
    for text, place in labels:
        wall.paste(label(text), place)
    frame = BytesIO()
    wall.save(frame, "JPEG", quality=90)
    path = folder / "seen.mjpeg"
    path.write_bytes(frame.getvalue() * 30)
    return path


def codes(page: Page, url: str) -> list[str]:
    """Numbers of the register as the phone lists them."""
    page.goto(f"{url}/find")
    found = page.locator("[data-testid^=found-]")
    expect(found.first).to_be_visible(timeout=60_000)
    return [each.get_attribute("data-testid").removeprefix("found-") for each in found.all()]  # type: ignore[union-attr]


def test_the_code_under_the_cross_opens_its_thing_without_signal(
    playwright: Playwright, company: Server, tmp_path: Path
) -> None:
    with phone(playwright, tmp_path / "profile") as context:
        sign_in(context.pages[0], company.url, "duchayuan")
        first, second = codes(context.pages[0], company.url)[:2]
        context.pages[0].wait_for_function("navigator.serviceWorker.controller !== null", timeout=60_000)
    camera = seen(tmp_path, (second, (10, 10)), (f"https://label.example/b?no={first}", (240, 160)))
    with phone(playwright, tmp_path / "profile", camera=camera) as context:
        page = context.pages[0]
        company.stop()
        try:
            page.goto(f"{company.url}/find")
            page.get_by_test_id("find-scan").click()
            expect(page).to_have_url(re.compile(r"/find/(equipment|meter_box)/"), timeout=60_000)
            expect(page.locator(".thing-facts")).to_contain_text(first)
        finally:
            company.start()


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_a_code_that_the_register_does_not_know_is_shown_and_searched_for(
    playwright: Playwright, company: Server, tmp_path: Path, locale: str
) -> None:
    camera = seen(tmp_path, ("X-99-4711", (230, 150)))
    with phone(playwright, tmp_path / "profile", locale, camera=camera) as context:
        page = context.pages[0]
        sign_in(page, company.url, "duchayuan")
        codes(page, company.url)
        page.get_by_test_id("find-scan").click()
        said = page.get_by_test_id("scan-said")
        expect(said).to_contain_text("X-99-4711", timeout=60_000)
        foot = page.locator(".page__foot").bounding_box()
        box = said.bounding_box()
        assert foot
        assert box
        assert box["y"] + box["height"] <= foot["y"], "the foot covers what was read"
        assert findings(page) == []
        page.get_by_test_id("scan-again").click()
        expect(page.get_by_test_id("scan-said")).to_contain_text("X-99-4711", timeout=60_000)
        page.get_by_test_id("scan-type").click()
        expect(page.get_by_test_id("field-find")).to_have_value("X-99-4711")


def test_without_a_camera_a_picture_or_typing_lead_on(
    playwright: Playwright, company: Server, tmp_path: Path
) -> None:
    with phone(playwright, tmp_path / "profile") as context:
        page = context.pages[0]
        sign_in(page, company.url, "duchayuan")
        first = codes(page, company.url)[0]
        page.get_by_test_id("find-scan").click()
        expect(page.get_by_text("用不了摄像头")).to_be_visible(timeout=60_000)
        picture = tmp_path / "wall.png"
        Image.new("RGB", SIZE, (140, 140, 140)).save(picture)
        page.get_by_test_id("scan-file").set_input_files(picture)
        expect(page.get_by_test_id("scan-said")).to_contain_text("没有认出码", timeout=60_000)
        label(first).save(picture)
        page.get_by_test_id("scan-file").set_input_files(picture)
        expect(page).to_have_url(re.compile(r"/find/(equipment|meter_box)/"), timeout=60_000)
        nearby(page, company)


def nearby(page: Page, company: Server) -> None:
    """What stands near by distance and direction, without signal; clear words where no position is to be had."""
    page.goto(f"{company.url}/find")
    page.get_by_test_id("find-near").click()
    state = page.get_by_test_id("near-state")
    expect(state).to_be_visible(timeout=60_000)
    page.get_by_test_id("near-locate").click()
    expect(state).to_have_attribute("data-finding", "denied", timeout=60_000)
    assert findings(page) == []
    look(page, "near-denied")
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 36.62, "longitude": 114.5, "accuracy": 85})
    page.wait_for_function("navigator.serviceWorker.controller !== null", timeout=60_000)
    company.stop()
    try:
        in_both_languages(
            page, "near", "near-state", lambda page: expect(near(page).first).to_be_visible(timeout=60_000)
        )
        far = [int(each.get_attribute("data-far") or -1) for each in near(page).all()]
        assert len(far) == 40
        assert far == sorted(far)
        page.get_by_test_id("map").focus()
        before = page.get_by_test_id("map").get_attribute("data-zoom") or ""
        page.keyboard.press("+")
        expect(page.get_by_test_id("map")).not_to_have_attribute("data-zoom", before, timeout=60_000)
        near(page).first.focus()
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/find/(equipment|meter_box)/"), timeout=60_000)
    finally:
        company.start()


def near(page: Page) -> Locator:
    return page.locator("[data-far]")
