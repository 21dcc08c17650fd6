"""A watermarked copy on the phone, and the page that its QR code opens for anybody."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Playwright, expect

from tests.browser.test_desk import VISIBLE, finding, person_of, sign_in
from tests.conftest import make_pair
from tests.support.axe import findings
from tests.support.client import signed_in
from tests.support.look import look
from tests.support.server import ROOT, Server

PHONE = {"width": 360, "height": 780}
DESK = {"width": 1440, "height": 900}


# What a canvas is told to write, in the order of the lines.
WRITTEN = """
window.written = []
const { fillText } = CanvasRenderingContext2D.prototype
CanvasRenderingContext2D.prototype.fillText = function (text, ...where) {
    window.written.push(text)
    return fillText.call(this, text, ...where)
}
"""
READ_CODE = """
import { readFile } from 'node:fs/promises'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
const wasmBinary = (await readFile('node_modules/zxing-wasm/dist/reader/zxing_reader.wasm')).buffer
prepareZXingModule({ overrides: { wasmBinary } })
const found = await readBarcodes(new Blob([await readFile(process.argv[1])]), { formats: ['QRCode'] })
console.log(JSON.stringify(found.map(({ text }) => text)))
"""


def codes(picture: Path) -> list[str]:
    """What the QR codes in a picture say, read by a decoder that had no part in drawing them."""
    command = ["node", "--input-type=module", "-e", READ_CODE, str(picture)]
    done = subprocess.run(command, cwd=ROOT / "pwa", capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("verify")
    running = make_pair("sqlite+files", request, folder).server().prepare(demo=True).start()
    try:
        yield running
    finally:
        running.kill()


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.mark.timeout(600)
def test_a_copy_with_a_watermark_and_the_page_that_proves_it(
    company: Server, chromium: Browser, tmp_path: Path
) -> None:
    with signed_in(company.url, "duchayuan") as inspector:
        record = finding(
            inspector,
            person_of(inspector, "taiqu"),
            lat=36.625,
            lon=114.539,
            accuracy_m=6.0,
            heading_deg=45.0,
        )
        sha256 = inspector.records("finding")[record]["data"]["photos"][0]["sha256"]
        original = inspector.http.get(f"/api/v1/photos/{sha256}/original").content
        path = inspector.http.get(f"/api/v1/photos/{sha256}/proof").json()["path"]
        for _ in range(600):
            time.sleep(0.2)
            if inspector.http.get(f"/api/v1/photos/{sha256}/facts").json()["derived"] == "done":
                break
    phone = chromium.new_context(viewport=PHONE, locale="zh-CN", accept_downloads=True).new_page()
    phone.add_init_script(WRITTEN)
    sign_in(phone, company.url, "duchayuan", f"/r/finding/{record}?photo={sha256}")
    expect(phone.get_by_test_id("viewer").get_by_test_id("photo")).to_be_visible(timeout=120_000)
    with phone.expect_download(timeout=60_000) as download:
        phone.get_by_test_id("watermark").click()
    copy = download.value.path().read_bytes()
    look(phone, "watermark-viewer-zh", whole=False)
    with Image.open(io.BytesIO(copy)) as made, Image.open(VISIBLE) as photo:
        assert made.width == 1600
        assert made.height > 1600 * photo.height / photo.width  # the band stands below the picture
    (tmp_path / "original.jpg").write_bytes(original)
    (tmp_path / "copy.jpg").write_bytes(copy)
    assert codes(tmp_path / "copy.jpg") == [company.url + path]
    when, *lines = phone.evaluate("window.written")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d · 佐证", when)
    who = ["36.62500, 114.53900 · ± 6 米 · 朝向 45°", "城关供电所 · 王建国", f"现场检查 {record}"]
    assert lines == [*who, f"SHA-256 {sha256[:8]}…{sha256[-8:]}"]
    if (folder := look.__globals__["PICTURES"]) is not None:
        (Path(folder) / "watermarked.jpg").write_bytes(copy)
    desk = chromium.new_context(viewport=DESK, locale="en", accept_downloads=True).new_page()
    desk.add_init_script(WRITTEN)
    sign_in(desk, company.url, "zhuguan", f"/desk/review?record={record}")
    desk.evaluate("window.written.length = 0")
    with desk.expect_download(timeout=60_000):
        desk.get_by_test_id("watermark").click(timeout=60_000)
    when, *lines = desk.evaluate("window.written")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d · Evidence", when)
    assert lines[0] == "36.62500, 114.53900 · ± 6 m · looking 45°"
    assert lines[-1] == f"SHA-256 {sha256[:8]}…{sha256[-8:]}"
    assert any("Chengguan station" in line for line in lines)
    for size, name in ((PHONE, "phone"), (DESK, "desk")):
        for locale in ("zh-CN", "en"):
            page = chromium.new_context(viewport=size, locale=locale).new_page()
            page.goto(company.url + path)
            expect(page.get_by_test_id("verify-known")).to_be_visible(timeout=60_000)
            assert page.get_by_test_id("verify-hash").inner_text().replace(" ", "") == sha256
            page.get_by_test_id("verify-file").set_input_files(tmp_path / "copy.jpg")
            expect(page.get_by_test_id("verify-answer")).to_have_attribute("data-same", "false")
            page.get_by_test_id("verify-file").set_input_files(tmp_path / "original.jpg")
            expect(page.get_by_test_id("verify-answer")).to_have_attribute("data-same", "true")
            assert findings(page) == []
            look(page, f"verify-{name}-{locale}")
            page.goto(company.url + path[:-3] + "AAA")
            expect(page.get_by_test_id("verify-unknown")).to_be_visible(timeout=60_000)
            page.context.close()
