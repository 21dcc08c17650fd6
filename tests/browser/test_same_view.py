"""The same view, proven: the photo after a repair is taken over the one before, and laid on it for the reviewer."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

import pytest
from PIL import Image
from playwright.sync_api import Page, Playwright, expect

from tests.browser.test_repair import all_sent, as_known, job_of, step
from tests.support import views
from tests.support.axe import findings
from tests.support.client import signed_in
from tests.support.look import LANGUAGES, in_both_languages, look
from tests.support.phone import NOT_STORED, UPRIGHT, add_photo, fill_sign_in, phone, shot, sign_in
from tests.support.server import ROOT, Server

CABINET = ROOT / "backend" / "demo" / "photos" / "cabinet"
DESK = {"width": 1440, "height": 900}
COMPARED_MS = 180_000  # a busy machine

pytestmark = pytest.mark.timeout(900)


def cut(name: str, target: Path) -> Path:
    """A photo of the cabinet as a phone's camera would give it."""
    with Image.open(CABINET / f"{name}.jpg") as picture:
        picture.convert("RGB").resize((640, 480), Image.Resampling.LANCZOS).save(target, "JPEG", quality=90)
    return shot(target, target)


def later(before: Path, target: Path) -> Path:
    """What the camera sees of the same place after the repair, from nearly the same place, for as long as it looks."""
    random = Random(20261126)
    with Image.open(before) as opened:
        picture = opened.convert("RGB")
    plane = views.turned(picture.size, random, angle=4, scales=(0.95, 1.05), shift=0.04, tilt=0.02)
    bands = [views.seen(band, plane, Random(7)) for band in picture.split()]
    Image.merge("RGB", bands).save(target, "JPEG", quality=90)
    target.write_bytes(target.read_bytes() * 30)
    return target


def said(page: Page, verdict: str) -> None:
    expect(page.get_by_test_id("same-view")).to_have_attribute("data-verdict", verdict, timeout=COMPARED_MS)


def test_the_photo_after_is_taken_over_the_ghost_scored_offline_and_laid_on_the_one_before(
    playwright: Playwright, tmp_path: Path
) -> None:
    server = Server(tmp_path / "data").prepare(demo=True).start()
    before, elsewhere = cut("box", tmp_path / "before.jpg"), cut("conduit", tmp_path / "elsewhere.jpg")
    try:
        with signed_in(server.url, "duchayuan") as inspector:
            job = job_of(inspector, shot(UPRIGHT, tmp_path / "hazard.jpg"))
        with phone(
            playwright, tmp_path / "profile", camera=later(before, tmp_path / "seen.mjpeg")
        ) as context:
            page = context.pages[0]
            sign_in(page, server.url, "qiangxiu")
            page.goto(f"{server.url}/job/{job}")
            step(page, "receive")
            add_photo(page, "before", before)
            step(page, "arrive")
            all_sent(page)
            with signed_in(server.url, "qiangxiu") as colleague:  # the rest of the work, from another phone
                colleague.applied(
                    colleague.event("repair", job, "locate", {"cause": "接头松动"}),
                    colleague.event("repair", job, "repair", {"measure": "更换线夹"}),
                )
            page.reload()
            expect(page.get_by_test_id("milestone-restore")).to_be_visible(timeout=60_000)
            server.stop()
            in_the_cellar(page, elsewhere)
            page.get_by_test_id("milestone-restore").click()
            expect(page.get_by_test_id("done-restore")).to_be_visible(timeout=60_000)
            server.start()
            context.set_offline(True)
            context.set_offline(False)
            all_sent(page)
        known = as_known(server, job)
        assert known["state"] == "restored"
        photos = known["log"][-1]["data"]["photos"]
        assert [photo["role"] for photo in photos] == ["after", "after"]  # nothing was refused
        assert photos[-1]["origin"] == "app", "taken over the ghost, by no camera of the system"
        at_the_desk(playwright, server, job)
    finally:
        server.kill()


def in_the_cellar(page: Page, elsewhere: Path) -> None:
    """Without a network: a photo of another place is kept and said to be one, another is taken over the ghost."""
    add_photo(page, "after", elsewhere)
    said(page, "other")
    in_both_languages(page, "same-view-other", "same-view", lambda page: said(page, "other"))
    for language in LANGUAGES:
        page.evaluate("language => localStorage.setItem('mingcha.language', language)", language)
        page.reload()
        page.get_by_test_id("same-view-open").click()
        camera = page.get_by_test_id("same-view-camera")
        expect(camera).to_have_attribute("data-state", "live", timeout=60_000)
        expect(camera).to_have_attribute("data-ghost", "true", timeout=60_000)
        expect(page.get_by_test_id("same-view-ghost")).to_be_visible()
        assert findings(page) == [], language
        look(page, f"same-view-camera-{language[:2]}", whole=False)
    page.get_by_test_id("same-view-switch").click()
    expect(page.get_by_test_id("same-view-ghost")).to_be_hidden()
    page.get_by_test_id("same-view-switch").click()
    page.get_by_test_id("same-view-shutter").click()
    expect(page.get_by_test_id("same-view-camera")).to_have_count(0, timeout=60_000)
    expect(page.locator(".frames__one--full")).to_have_count(2)
    said(page, "same")
    in_both_languages(page, "same-view-same", "same-view", lambda page: said(page, "same"))


def at_the_desk(playwright: Playwright, server: Server, job: str) -> None:
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    try:
        page = browser.new_page(viewport=DESK, locale="zh-CN")
        page.add_init_script(NOT_STORED)
        page.goto(f"{server.url}/desk/review?record={job}")
        fill_sign_in(page, "zhuguan")

        def compared(page: Page) -> None:
            expect(page.locator(f"[data-testid='queue-item'][data-id='{job}']")).to_be_visible(timeout=60_000)
            page.locator(f"[data-testid='queue-item'][data-id='{job}']").click()
            said(page, "same")
            expect(page.get_by_test_id("registered")).to_be_visible()

        in_both_languages(page, "same-view-desk", "queue-item", compared, whole=False)
        pair = page.get_by_test_id("pair")
        for seen, laid in (("1", True), ("0", False), ("1", True)):
            page.keyboard.press("v")
            expect(pair).to_have_attribute("data-seen", seen)
            expect(page.get_by_test_id("registered")).to_be_visible(visible=laid)
        page.keyboard.press("b")  # one photo, then both again
        expect(pair).to_have_count(0)
        page.keyboard.press("b")
        expect(page.get_by_test_id("registered")).to_be_visible(timeout=COMPARED_MS)
        page.keyboard.press("+")
        expect(page.locator(".evidence")).not_to_have_attribute("data-zoom", "1.00")
        boxes = pair.locator(".pane__box")
        expect(boxes).to_have_count(2)
        ways = boxes.evaluate_all("all => all.map((one) => new DOMMatrix(getComputedStyle(one).transform).a)")
        assert ways[0] == ways[1] > 1, "both are enlarged alike"
        page.keyboard.press("0")
        page.keyboard.press("l")  # as it was taken
        expect(page.get_by_test_id("registered")).to_have_count(0)
        expect(page.get_by_test_id("align")).to_have_attribute("aria-pressed", "false")
    finally:
        browser.close()
