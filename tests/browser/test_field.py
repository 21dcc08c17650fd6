"""An inspector's day without a signal: recorded offline, killed, reopened, synced once each, byte for byte."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect, sync_playwright

from tests.conftest import Pair
from tests.support.client import PASSWORD, signed_in
from tests.support.server import ROOT, Server

PHONE = {"width": 360, "height": 780}
SAMPLES = ROOT / "backend" / "demo" / "photos"
THERMAL = SAMPLES / "state-grid-synthetic" / "sg_full.jpg"
VISIBLE = SAMPLES / "metadata-extractor-images" / "Samsung_SM-J327T1.jpg"
BOX = SAMPLES / "exif-orientation" / "Landscape_6.jpg"
PROOF = SAMPLES / "exif-orientation" / "Landscape_1.jpg"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@contextmanager
def phone(playwright: Playwright, profile: Path) -> Iterator[BrowserContext]:
    """A browser with a profile on disk, as a phone has."""
    for lock in profile.glob("Singleton*"):
        lock.unlink()
    context = playwright.chromium.launch_persistent_context(
        str(profile), executable_path=shutil.which("chromium"), args=FLAGS, viewport=PHONE, locale="zh-CN"
    )
    try:
        yield context
    finally:
        context.close()


def sign_in(page: Page, url: str, login: str) -> None:
    page.goto(f"{url}/signin")
    page.get_by_test_id("signin-login").fill(login)
    page.get_by_test_id("signin-password").fill(PASSWORD)
    page.get_by_test_id("signin-submit").click()
    expect(page).not_to_have_url(re.compile("/signin"), timeout=20_000)


def choose(page: Page, field: str, code: str) -> None:
    page.get_by_test_id(f"field-{field}").click()
    page.get_by_test_id(f"search-{field}").fill(code)
    page.get_by_test_id(f"option-{code}").click()


def record_infrared(page: Page, url: str) -> None:
    page.goto(f"{url}/record")
    page.get_by_test_id("new-infrared").click()
    choose(page, "equipment", "CH-0001")
    page.get_by_test_id("photo-thermal").set_input_files(THERMAL)
    page.get_by_test_id("photo-visible").set_input_files(VISIBLE)
    expect(page.locator(".frames__one--full")).to_have_count(2)
    for index, celsius in enumerate(("85", "40", "41")):
        page.get_by_test_id(f"field-temp-{index}").fill(celsius)
    page.get_by_test_id("field-ambient_c").fill("30")
    page.get_by_test_id("field-load_a").fill("210")
    expect(page.get_by_test_id("judgement")).to_contain_text("相对温差 81.8 %")
    expect(page.get_by_test_id("judgement")).to_contain_text("严重")
    page.get_by_test_id("submit").click()
    expect(page.get_by_test_id("where").first).to_have_attribute("data-where", "local")


def record_hazard(page: Page, url: str) -> None:
    page.goto(f"{url}/record")
    page.get_by_test_id("new-hazard").click()
    choose(page, "meter_box", "JL-CH-0001")
    page.get_by_test_id("photo-overall").set_input_files(BOX)
    expect(page.locator(".frames__one--full")).to_have_count(1)
    page.get_by_test_id("option-MB-02").click()
    expect(page.get_by_test_id("judgement")).to_contain_text("危急")
    page.get_by_test_id("submit").click()
    expect(page.get_by_test_id("where").first).to_have_attribute("data-where", "local")


def record_finding(page: Page, url: str) -> None:
    page.goto(f"{url}/record")
    page.get_by_test_id("new-finding").click()
    choose(page, "unit", "城关供电所")
    choose(page, "item", "YYT-08")
    choose(page, "person", "赵磊")
    page.get_by_test_id("field-fact").fill("未佩戴工号牌")
    page.get_by_test_id("photo-evidence").set_input_files(PROOF)
    expect(page.locator(".frames__one--full")).to_have_count(1)
    page.get_by_test_id("submit").click()
    expect(page.get_by_test_id("where").first).to_have_attribute("data-where", "local")


def signed_in_on_disk(profile: Path) -> None:
    """Waits for the session cookie on disk: Chromium writes it every 30 s, and a sign-in is hours old in the field."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for file in profile.glob("Default/**/Cookies"):
            with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as cookies:
                if cookies.execute("select 1 from cookies where is_httponly and is_persistent").fetchone():
                    return
        time.sleep(0.5)
    raise AssertionError("no session cookie on disk")


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


def test_what_was_recorded_offline_survives_a_kill_and_arrives_once_and_whole(
    playwright: Playwright, backend_pair: Pair, tmp_path: Path
) -> None:
    server: Server = backend_pair.server().prepare(demo=True).start()
    profile = tmp_path / "profile"
    try:
        with phone(playwright, profile) as context:
            page = context.pages[0]
            sign_in(page, server.url, "duchayuan")
            page.wait_for_function(
                "navigator.serviceWorker.controller !== null || navigator.serviceWorker.ready"
            )
            page.goto(f"{server.url}/find")
            expect(page.get_by_text("1000 项")).to_be_visible(timeout=60_000)
            page.reload()
            page.wait_for_function("navigator.serviceWorker.controller !== null")
            signed_in_on_disk(profile)
            before = titles(server)
            server.stop()
            record_infrared(page, server.url)
            record_hazard(page, server.url)
            record_finding(page, server.url)
            kill(profile)
        with phone(playwright, profile) as context:
            page = context.pages[0]
            page.goto(f"{server.url}/record")
            expect(page.locator('[data-testid="record-line"] [data-where="local"]')).to_have_count(3)
            server.start()
            page.goto(f"{server.url}/record")
            for line in range(3):
                where = page.get_by_test_id("record-line").nth(line).get_by_test_id("where")
                expect(where).to_have_attribute("data-where", "sent", timeout=90_000)
        after = titles(server)
        new = {id_: kind for id_, kind in after.items() if id_ not in before}
        assert sorted(kind for kind in new.values() if kind in {"infrared", "hazard", "finding"}) == [
            "finding",
            "hazard",
            "infrared",
        ]
        with signed_in(server.url, "duchayuan") as client:
            for original in (THERMAL, VISIBLE, BOX, PROOF):
                sha256 = hashlib.sha256(original.read_bytes()).hexdigest()
                stored = client.http.get(f"/api/v1/photos/{sha256}/original")
                assert stored.status_code == 200
                assert hashlib.sha256(stored.content).hexdigest() == sha256
    finally:
        server.kill()


def titles(server: Server) -> dict[str, str]:
    """Kind of every record that the inspector can read, by id."""
    with signed_in(server.url, "duchayuan") as client:
        found: dict[str, str] = {}
        cursor: str | None = None
        while True:
            page = client.http.get("/api/v1/sync/pull", params={"cursor": cursor} if cursor else {}).json()
            found.update({change["id"]: change["kind"] for change in page["changes"] if "kind" in change})
            cursor = page["cursor"]
            if not page["more"]:
                return found
