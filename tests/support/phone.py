"""A phone under test: Chromium with a profile on disk, on a small screen, driven as a person would."""

import os
import re
import secrets
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page, Playwright, expect

from tests.support.client import PASSWORD
from tests.support.server import ROOT

PHONE = {"width": 360, "height": 780}
SAMPLES = ROOT / "tests" / "samples"
THERMAL = SAMPLES / "thermal-parser" / "FLIR_T640.jpg"  # radiometric
VISIBLE = SAMPLES / "metadata-extractor-images" / "Apple_iPhone_5.jpg"  # several upload pieces
UPRIGHT = SAMPLES / "exif-orientation" / "Landscape_3.jpg"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# As a page's first script: the app is not stored for use without a server, which takes longer than to sign in.
NOT_STORED = (
    "if (self.ServiceWorkerContainer) ServiceWorkerContainer.prototype.register = () => new Promise(() => {})"
)
CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@dataclass(frozen=True)
class Shots:
    """The photos of one round, as files that nobody has stored before."""

    thermal: Path
    visible: Path
    box: Path
    proof: Path

    @classmethod
    def taken(cls, folder: Path) -> "Shots":
        folder.mkdir(parents=True, exist_ok=True)
        return cls(
            shot(THERMAL, folder / "thermal.jpg"),
            shot(VISIBLE, folder / "visible.jpg"),
            shot(UPRIGHT, folder / "box.jpg"),
            shot(UPRIGHT, folder / "proof.jpg"),
        )


def shot(source: Path, target: Path) -> Path:
    """The picture of a real camera as a file of its own: only a comment in it differs."""
    data, note = source.read_bytes(), secrets.token_hex(16).encode()
    target.write_bytes(data[:2] + b"\xff\xfe" + (len(note) + 2).to_bytes(2, "big") + note + data[2:])
    return target


@contextmanager
def phone(
    playwright: Playwright,
    profile: Path,
    locale: str = "zh-CN",
    *,
    camera: Path | None = None,
    microphone: bool = False,
) -> Iterator[BrowserContext]:
    """A browser with this profile. After a kill the same profile gives the same phone.

    `camera`: what its camera sees, a file of JPEG pictures one after the other; without, it may not use one.
    `microphone`: it hears a beep and sees a test picture.
    """
    for lock in profile.glob("Singleton*"):
        lock.unlink()
    context = playwright.chromium.launch_persistent_context(
        str(profile),
        executable_path=shutil.which("chromium"),
        args=[
            *FLAGS,
            *(CAMERA if camera or microphone else ()),
            *([f"--use-file-for-fake-video-capture={camera}"] if camera else ()),
        ],
        viewport=PHONE,
        locale=locale,
    )
    context.set_default_timeout(60_000)
    try:
        yield context
    finally:
        try:
            context.close()
        except Error as error:  # it was killed, and its end is seen while it is asked to close
            if "has been closed" not in error.message:
                raise


def sign_in(page: Page, url: str, login: str) -> None:
    """Signs in and waits until the app works without the server: worker in charge, registers received."""
    page.goto(f"{url}/signin")
    fill_sign_in(page, login)
    expect(page).not_to_have_url(re.compile("/signin"), timeout=20_000)
    strip = page.get_by_test_id("sync-strip")
    expect(strip).to_have_attribute("data-synced", "true", timeout=60_000)  # idle is also before the first
    expect(strip).to_have_attribute("data-phase", "idle", timeout=60_000)
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.reload()
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")


def fill_sign_in(page: Page, login: str) -> None:
    page.get_by_test_id("signin-login").fill(login)
    page.get_by_test_id("signin-password").fill(PASSWORD)
    page.get_by_test_id("signin-submit").click()


def kill(profile: Path) -> None:
    """SIGKILL to every process of this profile's browser, as a flat battery would."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if str(profile).encode() in command and b"chromium" in command:
                os.kill(int(entry.name), signal.SIGKILL)


def cookies_on_disk(profile: Path) -> list[Path]:
    """The files in which Chromium keeps cookies."""
    return list(profile.glob("Default/**/Cookies*"))


def signed_in_on_disk(profile: Path) -> None:
    """Waits for the session cookie on disk: Chromium writes it every 30 s, and a sign-in is hours old in the field."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for file in cookies_on_disk(profile):
            if file.name != "Cookies":
                continue
            with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as cookies:
                if cookies.execute("select 1 from cookies where is_httponly and is_persistent").fetchone():
                    return
        time.sleep(0.5)
    raise AssertionError("no session cookie on disk")


STORED = """async (table) => {
  const name = (await indexedDB.databases()).map((one) => one.name).find((one) => /^mingcha-[0-9a-f]{8}-/.test(one))
  const db = await new Promise((done) => (indexedDB.open(name).onsuccess = ({ target }) => done(target.result)))
  const rows = await new Promise((done) => {
    db.transaction(table).objectStore(table).getAll().onsuccess = ({ target }) => done(target.result)
  })
  db.close()
  return JSON.parse(JSON.stringify(rows, (_, value) => (ArrayBuffer.isView(value) ? undefined : value)))
}"""


def kept_rows(page: Page, table: str) -> list[dict[str, Any]]:
    """What the phone of the one signed in holds in a table, without the bytes of photos."""
    rows: list[dict[str, Any]] = page.evaluate(STORED, table)
    return rows


# --- what a person does on the phone ------------------------------------------------------------------------


def choose(page: Page, field: str, code: str) -> None:
    """Opens a picker, searches, takes the option."""
    page.get_by_test_id(f"field-{field}").click()
    page.get_by_test_id(f"search-{field}").fill(code)
    page.get_by_test_id(f"option-{code}").click()


def add_photo(page: Page, role: str, file: Path) -> None:
    frames = page.locator(".frames__one--full")
    before = frames.count()
    page.get_by_test_id(f"photo-{role}").set_input_files(file)
    expect(frames).to_have_count(before + 1)


def open_form(page: Page, url: str, kind: str) -> None:
    page.goto(f"{url}/record")
    page.get_by_test_id(f"new-{kind}").click()


def fill_infrared(page: Page, url: str, shots: Shots) -> None:
    open_form(page, url, "infrared")
    choose(page, "equipment", "CH-0001")
    add_photo(page, "thermal", shots.thermal)
    add_photo(page, "visible", shots.visible)
    for index, celsius in enumerate(("85", "40", "41")):
        page.get_by_test_id(f"field-temp-{index}").fill(celsius)
    page.get_by_test_id("field-ambient_c").fill("30")
    page.get_by_test_id("field-load_a").fill("210")


def fill_hazard(page: Page, url: str, photo: Path) -> None:
    open_form(page, url, "hazard")
    choose(page, "meter_box", "JL-CH-0001")
    add_photo(page, "overall", photo)
    page.get_by_test_id("option-MB-02").click()


def fill_finding(page: Page, url: str, photo: Path, person: str = "赵磊") -> None:
    open_form(page, url, "finding")
    choose(page, "unit", "城关供电所")
    choose(page, "item", "YYT-08")
    choose(page, "person", person)
    page.get_by_test_id("field-fact").fill("未佩戴工号牌")
    add_photo(page, "evidence", photo)


def sign_on_site(page: Page, name: str) -> None:
    """Somebody signs the open form with a finger."""
    page.get_by_test_id("sign").click()
    page.get_by_test_id("field-signer").fill(name)
    written(page)
    page.get_by_test_id("signature-done").click()
    expect(page.get_by_test_id("signature")).to_contain_text(name)


def written(page: Page) -> None:
    """Two strokes in the field to sign in."""
    room = page.get_by_test_id("signature-field").bounding_box()
    assert room
    for across in (0.2, 0.5):
        page.mouse.move(room["x"] + across * room["width"], room["y"] + 0.3 * room["height"])
        page.mouse.down()
        page.mouse.move(
            room["x"] + (across + 0.25) * room["width"], room["y"] + 0.7 * room["height"], steps=6
        )
        page.mouse.up()


def submit(page: Page, where: str = "local") -> str:
    """Submits the open form; gives the record's id. It then says where it lives."""
    page.get_by_test_id("submit").click()
    expect(page).to_have_url(re.compile("/r/"))
    expect(page.get_by_test_id("where").first).to_have_attribute("data-where", where)
    return page.url.rsplit("/", 1)[1]
