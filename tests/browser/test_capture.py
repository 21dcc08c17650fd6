"""A copy of a photo is marked and handed out on the phone, without a network; the original stays as it was taken."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, Playwright, expect

from tests.browser.test_repair import all_sent, as_known, job_of, step
from tests.support.axe import findings
from tests.support.client import PASSWORD, signed_in
from tests.support.look import look
from tests.support.phone import (
    NOT_STORED,
    STORED,
    UPRIGHT,
    add_photo,
    choose,
    kill,
    open_form,
    phone,
    shot,
    sign_in,
    sign_on_site,
    signed_in_on_disk,
    written,
)
from tests.support.server import Server

LATE = 60_000  # ms: others may load the machine
# How many decoded pictures the page holds at once.
COUNTED = """(() => {
  const make = window.createImageBitmap.bind(window)
  window.decoded = { now: 0, most: 0, ever: 0 }
  window.createImageBitmap = async (...given) => {
    const made = await make(...given)
    const close = made.close.bind(made)
    window.decoded.ever += 1
    window.decoded.most = Math.max(window.decoded.most, ++window.decoded.now)
    made.close = () => { window.decoded.now -= 1; close() }
    return made
  }
})()"""
DESK_WORDS = {"zh-CN": "全景的标注副本，不单独作证", "en": "Marked copy of “Overall”: no proof by itself"}


def test_a_copy_is_marked_and_handed_out_offline_and_the_original_stays_as_it_was(
    playwright: Playwright, tmp_path: Path
) -> None:
    server = Server(tmp_path / "server").prepare(demo=True).start()
    lying, upright = shot(UPRIGHT, tmp_path / "lying.jpg"), tmp_path / "upright.jpg"
    with Image.open(UPRIGHT) as source:
        source.convert("RGB").resize((1800, 2400)).save(upright, quality=90)
    try:
        with phone(playwright, tmp_path / "profile") as context:
            context.add_init_script(COUNTED)
            page = context.pages[0]
            sign_in(page, server.url, "duchayuan")
            open_form(page, server.url, "hazard")
            server.stop()
            in_both_languages_it_marks(page, lying, upright)
            assert page.evaluate("window.decoded.now") == 0
            assert page.evaluate("window.decoded.most") == 1
            sign_on_site(page, "王五")
            page.get_by_test_id("submit").click()
            expect(page).to_have_url(re.compile("/r/"), timeout=LATE)
            expect(page.get_by_test_id("signature")).to_contain_text("王五", timeout=LATE)
            record = page.url.rsplit("/", 1)[1]
            handed_out_offline(page, upright)
            finding = signed_on_site(page, server.url, lying)
            server.start()
            strip = page.get_by_test_id("sync-strip")
            expect(strip).to_have_attribute("data-waiting", "0", timeout=2 * LATE)
            for taken in (lying, upright):
                sha256 = hashlib.sha256(taken.read_bytes()).hexdigest()
                stored = page.request.get(f"{server.url}/api/v1/photos/{sha256}/original")
                assert stored.body() == taken.read_bytes()
        for language, words in DESK_WORDS.items():
            the_desk_shows_it_beside_its_original(playwright, server.url, (record, finding), language, words)
    finally:
        server.kill()


def test_marks_on_a_photo_of_a_repair_come_back_after_a_kill_and_the_original_stays_as_it_was(
    playwright: Playwright, tmp_path: Path
) -> None:
    server = Server(tmp_path / "server").prepare(demo=True).start()
    profile, taken = tmp_path / "profile", shot(UPRIGHT, tmp_path / "before.jpg")
    original = hashlib.sha256(taken.read_bytes()).hexdigest()
    try:
        with signed_in(server.url, "duchayuan") as inspector:
            job = job_of(inspector, shot(UPRIGHT, tmp_path / "hazard.jpg"))
        url = f"{server.url}/job/{job}"
        with phone(playwright, profile) as context:
            page = context.pages[0]
            sign_in(page, server.url, "qiangxiu")
            page.goto(url)
            step(page, "receive")
            all_sent(page)
            server.stop()
            add_photo(page, "before", taken)
            opened(page, "before")
            drawn(page, "blur", 0.6, 0.55, 0.95, 0.95)
            drawn(page, "text", 0.15, 0.2)
            page.get_by_test_id("field-mark-text").fill("接头过热")
            as_drawn = seen(page)
            look(page, "mark-job-zh", whole=False)
            page.wait_for_timeout(1_000)  # a draft is on disk half a second after the last key
            signed_in_on_disk(profile)
            kill(profile)

        with phone(playwright, profile) as context:
            page = context.pages[0]
            page.goto(server.url)  # the app opens the job where somebody was at work, and on it the marks
            expect(page.get_by_test_id("annotate")).to_have_attribute("data-state", "ready", timeout=LATE)
            expect(page).to_have_url(url)
            assert seen(page) == as_drawn
            drawn(page, "arrow", 0.1, 0.8, 0.4, 0.5)
            marks_kept(page, original, 3)
            kill(profile)

        with phone(playwright, profile) as context:
            page = context.pages[0]
            page.goto(url)
            expect(page.get_by_test_id("annotate")).to_have_attribute("data-state", "ready", timeout=LATE)
            assert seen(page) != as_drawn
            page.evaluate("localStorage.setItem('mingcha.language', 'en')")
            page.reload()
            expect(page.get_by_test_id("annotate")).to_have_attribute("data-state", "ready", timeout=LATE)
            look(page, "mark-job-en", whole=False)
            assert findings(page) == []
            page.get_by_test_id("annotate-save").click()
            expect(page.locator(".frames__one--full")).to_have_count(2, timeout=LATE)
            page.reload()  # what was kept is not drawn again
            expect(page.locator(".frames__one--full")).to_have_count(2, timeout=LATE)
            expect(page.get_by_test_id("annotate")).to_have_count(0)
            step(page, "arrive")
            expect(page.get_by_test_id("done-arrive").locator("img")).to_have_count(2, timeout=LATE)
            add_photo(page, "during", shot(UPRIGHT, tmp_path / "during.jpg"))
            opened(page, "during")
            drawn(page, "box", 0.1, 0.1, 0.9, 0.9)
            page.get_by_test_id("annotate-close").click()  # thrown away
            page.reload()
            expect(page.locator(".frames__one--full")).to_have_count(1, timeout=LATE)
            expect(page.get_by_test_id("annotate")).to_have_count(0)
            server.start()
            all_sent(page)
            stored = page.request.get(f"{server.url}/api/v1/photos/{original}/original").body()
            assert hashlib.sha256(stored).hexdigest() == original
        [arrived] = [entry for entry in as_known(server, job)["log"] if entry["type"] == "arrive"]
        assert [photo["role"] for photo in arrived["data"]["photos"]] == ["before", "annotated"]
        assert [photo.get("copy_of") for photo in arrived["data"]["photos"]] == [None, original]
    finally:
        server.kill()


def seen(page: Page) -> str:
    """The picture with its marks, as it is on the screen when the room it has is known: two frames later."""
    drawn: str = page.get_by_test_id("annotate-canvas").evaluate(
        """async (canvas) => {
          for (const _ of [1, 2]) await new Promise(requestAnimationFrame)
          return canvas.toDataURL()
        }"""
    )
    return hashlib.sha256(drawn.encode()).hexdigest()


def marks_kept(page: Page, sha256: str, many: int) -> None:
    """A mark that is drawn is kept at once."""
    page.wait_for_function(
        f"""async ([key, many]) => {{
          const [draft] = (await ({STORED})('drafts')).filter((one) => one.key === key)
          return draft?.state.shapes.length === many
        }}""",
        arg=[f"marks:{sha256}", many],
        timeout=LATE,
    )


def drawn(page: Page, tool: str, *at: float) -> None:
    """A finger from one place of the picture to another, in parts of its sides."""
    page.get_by_test_id(f"mark-{tool}").click()
    room = page.get_by_test_id("annotate-canvas").bounding_box()
    assert room
    places = [
        (room["x"] + x * room["width"], room["y"] + y * room["height"])
        for x, y in zip(at[::2], at[1::2], strict=True)
    ]
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(*places[-1], steps=4)
    page.mouse.up()


def opened(page: Page, role: str) -> None:
    page.locator(f"[data-testid='mark-{role}']").first.click()
    expect(page.get_by_test_id("annotate")).to_have_attribute("data-state", "ready", timeout=LATE)


def kept(page: Page, copies: int) -> None:
    page.get_by_test_id("annotate-save").click()
    expect(page.get_by_test_id("annotate")).to_have_count(0, timeout=LATE)
    expect(page.locator(".frames__one--full")).to_have_count(2 + copies, timeout=LATE)


def in_both_languages_it_marks(page: Page, lying: Path, upright: Path) -> None:
    choose(page, "meter_box", "JL-CH-0001")
    page.get_by_test_id("option-MB-02").click()
    add_photo(page, "overall", lying)
    add_photo(page, "close_up", upright)
    opened(page, "overall")
    expect(page.get_by_test_id("annotate-save")).to_be_disabled()
    drawn(page, "arrow", 0.1, 0.8, 0.4, 0.5)
    drawn(page, "box", 0.4, 0.3, 0.6, 0.6)
    drawn(page, "box", 0.1, 0.1, 0.9, 0.9)
    page.get_by_test_id("annotate-undo").click()
    drawn(page, "blur", 0.6, 0.55, 0.95, 0.95)
    drawn(page, "text", 0.15, 0.2)
    page.get_by_test_id("field-mark-text").fill("绝缘破损")
    assert findings(page) == []
    look(page, "mark-lying-zh", whole=False)
    kept(page, 1)
    page.evaluate("localStorage.setItem('mingcha.language', 'en')")
    page.reload()  # the form comes back with the copy in it
    expect(page.locator(".frames__one--full")).to_have_count(3, timeout=LATE)
    page.locator(".frames").scroll_into_view_if_needed()
    look(page, "mark-frames-en", whole=False)
    opened(page, "close_up")
    drawn(page, "blur", 0.2, 0.6, 0.8, 0.9)
    drawn(page, "arrow", 0.2, 0.2, 0.5, 0.5)
    assert findings(page) == []
    look(page, "mark-upright-en", whole=False)
    page.set_viewport_size({"width": 780, "height": 360})
    expect(page.get_by_test_id("annotate-save")).to_be_in_viewport()
    expect(page.get_by_test_id("annotate-canvas")).to_be_in_viewport()
    look(page, "mark-turned-en", whole=False)
    page.set_viewport_size({"width": 360, "height": 780})
    kept(page, 2)
    page.evaluate("localStorage.setItem('mingcha.language', 'zh-CN')")


def handed_out_offline(page: Page, upright: Path) -> None:
    photos = page.get_by_test_id("open-photo")
    expect(photos).to_have_count(4, timeout=LATE)  # each copy after its original
    photos.nth(2).click()
    with page.expect_download(timeout=LATE) as download:
        page.get_by_test_id("watermark").click()
    made = Image.open(io.BytesIO(Path(download.value.path()).read_bytes()))
    with Image.open(upright) as original:
        wide, high = original.size
    assert made.width == 1600
    assert made.height > 1600 * high / wide + 200  # the picture, and the band below it
    assert not made.getexif()
    look(page, "watermark-offline", whole=False)
    page.get_by_test_id("viewer-close").click()


def signed_on_site(page: Page, url: str, proof: Path) -> str:
    """A finding that somebody signed; what is changed afterwards takes the signature away."""
    open_form(page, url, "finding")
    choose(page, "unit", "城关供电所")
    choose(page, "item", "YYT-08")
    page.get_by_test_id("field-fact").fill("未佩戴工号牌")
    add_photo(page, "evidence", proof)
    for language in ("en", "zh-CN"):
        in_language(page, language)
        expect(page.get_by_test_id("field-fact")).to_have_value("未佩戴工号牌", timeout=LATE)
        page.get_by_test_id("sign").click()
        page.get_by_test_id("signature-done").click()  # without a name
        expect(page.locator("#f-signer")).to_have_attribute("aria-invalid", "true")
        page.get_by_test_id("field-signer").fill("李四")
        page.get_by_test_id("signature-done").click()  # without a stroke
        expect(page.get_by_test_id("signing").get_by_role("alert")).to_be_visible()
        written(page)
        assert findings(page) == []
        look(page, f"signing-{language[:2]}", whole=False)
        page.get_by_test_id("signature-done").click()
        expect(page.get_by_test_id("signature")).to_contain_text("李四")
        page.get_by_test_id("field-fact").fill(f"未佩戴工号牌 {language}")
        expect(page.get_by_test_id("signature")).to_have_count(0)
        expect(page.get_by_test_id("signature-undone")).to_be_visible()
        page.get_by_test_id("field-fact").fill("未佩戴工号牌")
        saved(page)
    sign_on_site(page, "李四")
    page.get_by_test_id("signature").scroll_into_view_if_needed()
    assert findings(page) == []
    look(page, "signature-form", whole=False)
    page.get_by_test_id("submit").click()
    expect(page).to_have_url(re.compile("/r/"), timeout=LATE)
    expect(page.get_by_test_id("signature")).to_contain_text("李四", timeout=LATE)
    return page.url.rsplit("/", 1)[1]


def in_language(page: Page, language: str) -> None:
    saved(page)
    page.evaluate("language => localStorage.setItem('mingcha.language', language)", language)
    page.reload()


def saved(page: Page) -> None:
    """What was typed lies in the draft: leaving the page writes it."""
    page.evaluate("() => new Promise(done => setTimeout(done, 1500))")


def the_desk_shows_it_beside_its_original(
    playwright: Playwright, url: str, records: tuple[str, str], language: str, words: str
) -> None:
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    try:
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale=language)
        page.add_init_script(NOT_STORED)
        page.goto(f"{url}/desk/review")
        page.get_by_test_id("signin-login").fill("zhuguan")
        page.get_by_test_id("signin-password").fill(PASSWORD)
        page.get_by_test_id("signin-submit").click()
        page.locator(f"[data-testid='queue-item'][data-id='{records[0]}']").click(timeout=LATE)
        strip = page.get_by_test_id("strip-photo")
        expect(strip).to_have_count(4, timeout=LATE)
        roles = [strip.nth(i).get_attribute("data-role") for i in range(4)]
        assert roles == ["close_up", "annotated", "overall", "annotated"]
        strip.nth(3).click()
        expect(page.get_by_test_id("marked-copy")).to_have_text(words)
        page.get_by_test_id("compare").click()
        expect(page.get_by_test_id("pair").locator(".pane")).to_have_count(2, timeout=LATE)
        look(page, f"mark-desk-{language[:2]}")
        expect(page.get_by_test_id("signature")).to_contain_text("王五", timeout=LATE)
        page.locator(f"[data-testid='queue-item'][data-id='{records[1]}']").click(timeout=LATE)
        expect(page.get_by_test_id("signature")).to_contain_text("李四", timeout=LATE)
        page.get_by_test_id("signature").scroll_into_view_if_needed()
        look(page, f"signature-desk-{language[:2]}")
    finally:
        browser.close()
