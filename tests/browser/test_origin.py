"""Where a photo came from is chosen by a button on the phone, and seen on both sides where it is unusual."""

from __future__ import annotations

import os
import re
import shutil
import time
from pathlib import Path

from PIL import Image
from PIL.ExifTags import IFD, Base
from playwright.sync_api import Page, Playwright, expect

from tests.support.axe import findings
from tests.support.client import PASSWORD
from tests.support.look import look
from tests.support.phone import NOT_STORED, Shots, choose, fill_hazard, open_form, phone, sign_in
from tests.support.server import Server

THREE_DAYS_S = 3 * 86_400 + 600
AT = {"latitude": 36.6123, "longitude": 114.4901}
COARSE = {"zh-CN": "位置粗略", "en": "Coarse position"}
PLACE = {
    "zh-CN": r"± 8 米 · 定位相差 [0-9]+ (秒|分钟)( · 朝向 90°)?",
    "en": r"± 8 m · read [0-9]+ (s|min) from it( · looking 90°)?",
}
# The compass of a phone held upright that looks east, every second.
TURNED = """setInterval(() => window.dispatchEvent(new DeviceOrientationEvent('deviceorientationabsolute',
  { absolute: true, alpha: 270, beta: 90, gamma: 0 })), 1000)"""
VIEWS = {
    "zh-CN": ("已拍 2/3，还差：铭牌编号", "清单要的照片没有拍：铭牌编号"),
    "en": (
        "2 of 3 taken; still missing: Label",
        "Photos that the checklist asks for are not there: Label",
    ),
}
PHONE_WORDS = {
    "zh-CN": ("来自相册 · 3 天前", "审核人会看到"),
    "en": ("From the gallery · 3 d old", "The reviewer sees"),
}
DESK_WORDS = {
    "zh-CN": "一张照片从相册选取，不是现场拍摄；文件时间比提交早 3 天",
    "en": "A photo was chosen from the gallery, not taken on the spot; the file is 3 d older than the submission",
}


FILE_WORDS = {
    "zh-CN": (r"文件里的拍摄时间是 .*，比手机所报早", r"文件里的位置离手机所报 2[0-9]{3} m"),
    "en": (
        r"The file says it was taken .* before the time the phone told",
        r"taken 2[0-9]{3} m from the place",
    ),
}
NORTH = (36.0, 37.0, 49.08)  # 2 km north of AT, as the file says it: degrees, minutes, seconds
EAST = (114.0, 29.0, 24.36)


def claims(path: Path) -> Path:
    """The photo says of itself another day and another place than the phone does."""
    with Image.open(path) as picture:
        exif = picture.getexif()
        exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = "2026:01:02 08:00:00"
        exif.get_ifd(IFD.GPSInfo).update({1: "N", 2: NORTH, 3: "E", 4: EAST})
        picture.convert("RGB").save(path, "JPEG", quality=90, exif=exif)
    return path


def in_language(page: Page, language: str) -> None:
    page.evaluate("language => localStorage.setItem('mingcha.language', language)", language)
    page.reload()


def test_a_photo_from_the_gallery_is_taken_and_told_to_the_inspector_and_to_the_reviewer(
    playwright: Playwright, tmp_path: Path
) -> None:
    server = Server(tmp_path / "server").prepare(demo=True).start()
    shots = Shots.taken(tmp_path / "shots")
    old = time.time() - THREE_DAYS_S
    os.utime(shots.box, (old, old))
    try:
        with phone(playwright, tmp_path / "profile") as context:
            page = context.pages[0]
            sign_in(page, server.url, "duchayuan")
            the_place_is_asked_for_by_a_button(page, server.url)
            context.grant_permissions(["geolocation"])
            context.add_init_script(TURNED)
            its_place_is_told_before_the_photo(page, server.url)
            its_frame_takes_and_smaller_buttons_choose(page, server.url)
            record = handed_in_from_the_gallery(page, server.url, shots)
        for language, words in DESK_WORDS.items():
            the_desk_tells(playwright, server.url, record, language, words)
    finally:
        server.kill()


def the_place_is_asked_for_by_a_button(page: Page, url: str) -> None:
    open_form(page, url, "hazard")
    expect(page.get_by_test_id("place")).to_have_attribute("data-finding", re.compile("off|denied"))


def its_place_is_told_before_the_photo(page: Page, url: str) -> None:
    place = page.get_by_test_id("place")
    for language in ("en", "zh-CN"):
        page.context.set_geolocation({**AT, "accuracy": 850})
        in_language(page, language)
        expect(place).to_contain_text("850", timeout=60_000)
        expect(place).to_contain_text(COARSE[language])
        place.scroll_into_view_if_needed()
        assert findings(page) == []
        look(page, f"place-coarse-{language}", whole=False)
    page.context.set_geolocation({**AT, "accuracy": 8})
    expect(place).to_contain_text("± 8 米", timeout=60_000)
    expect(place).not_to_contain_text(COARSE["zh-CN"])


def its_frame_takes_and_smaller_buttons_choose(page: Page, url: str) -> None:
    open_form(page, url, "infrared")
    choose(page, "equipment", "CH-0001")
    camera, file = page.get_by_test_id("photo-visible"), page.get_by_test_id("photo-thermal")
    expect(camera).to_have_attribute("capture", "environment")
    expect(file).not_to_have_attribute("capture", re.compile(".*"))
    for role, others in (("visible", ("gallery", "import")), ("thermal", ("camera", "gallery"))):
        for way in others:
            expect(page.get_by_test_id(f"photo-{role}-{way}")).to_be_attached()
    for language in ("en", "zh-CN"):
        in_language(page, language)
        page.locator(".frames").scroll_into_view_if_needed()
        assert findings(page) == []
        look(page, f"origin-buttons-{language}", whole=False)


def handed_in_from_the_gallery(page: Page, url: str, shots: Shots) -> str:
    fill_hazard(page, url, claims(shots.proof))  # through the camera's button, and a file of this minute
    expect(page.get_by_test_id("photo-place")).to_have_count(1)
    expect(page.get_by_test_id("photo-place")).to_contain_text("± 8 米")
    expect(page.get_by_test_id("photo-from")).to_have_count(0)
    page.get_by_test_id("photo-close_up-gallery").set_input_files(shots.box)
    expect(page.get_by_test_id("photo-from")).to_be_visible()
    page.wait_for_timeout(1500)  # what was typed lies in the draft
    for language in ("en", "zh-CN"):
        in_language(page, language)
        expect(page.get_by_test_id("photo-place")).to_have_count(
            1
        )  # the gallery's file tells nothing of here
        said, note = PHONE_WORDS[language]
        expect(page.get_by_test_id("photo-from")).to_have_text(said)
        expect(page.get_by_test_id("photo-note")).to_contain_text(note)
        expect(page.get_by_test_id("views")).to_have_text(VIEWS[language][0])
        page.locator(".frames").scroll_into_view_if_needed()
        assert findings(page) == []
        look(page, f"origin-told-{language}", whole=False)
    page.get_by_test_id("submit").click()
    expect(page).to_have_url(re.compile("/r/"))
    expect(page.get_by_test_id("where").first).to_have_attribute("data-where", "sent", timeout=60_000)
    return page.url.rsplit("/", 1)[1]


def the_desk_tells(playwright: Playwright, url: str, record: str, language: str, words: str) -> None:
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    try:
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale=language)
        page.add_init_script(NOT_STORED)
        page.goto(f"{url}/desk/review")
        page.get_by_test_id("signin-login").fill("zhuguan")
        page.get_by_test_id("signin-password").fill(PASSWORD)
        page.get_by_test_id("signin-submit").click()
        page.locator(f"[data-testid='queue-item'][data-id='{record}']").click(timeout=60_000)
        expect(page.get_by_test_id("flag").filter(has_text=words)).to_have_count(1)
        expect(page.get_by_test_id("flag").filter(has_text=VIEWS[language][1])).to_have_count(1)
        place = page.get_by_test_id("photo-place")
        expect(place).to_have_count(0)  # a photo from the gallery stands first
        page.keyboard.press("ArrowRight")
        expect(place).to_have_text(re.compile(PLACE[language]))
        expect(page.get_by_test_id("place")).to_have_text(re.compile(PLACE[language]))
        differs = page.get_by_test_id("file-differs")
        expect(differs).to_have_text([re.compile(each) for each in FILE_WORDS[language]], timeout=60_000)
        look(page, f"origin-desk-{language}")
    finally:
        browser.close()
