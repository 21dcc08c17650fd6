"""Every screen, on each size and in both languages, looks as its kept picture: a broken layout shows.

`make screens` takes the pictures of tests/browser/screens anew. What differs is laid into build/screens: got, want,
and got with the blocks framed that differ.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.support import still
from tests.support.look import look
from tests.support.phone import fill_sign_in
from tests.support.pictures import beside, difference, keep, kept, small
from tests.support.screens import (
    FACTOR,
    INSPECTOR,
    LANGUAGES,
    PHONE,
    ROUNDS,
    SUPERVISOR,
    Round,
    Screen,
    as_before,
    company,
    places,
    routes,
)
from tests.support.server import ROOT, Server

KEPT = Path(__file__).parent / "screens"
FONTS = Path(__file__).parent / "fonts.conf"
SHOWN = ROOT / "build" / "screens"
WRITE = os.environ.get("SCREENS") == "write"
ONLY = os.environ.get("ONLY", "").split()  # some screens by their names
LONGEST = 3  # windows of a page that is longer
SLOW_MS = 60_000
LARGE = """() => {
  document.documentElement.style.fontSize = '200%'
  return document.documentElement.scrollWidth - innerWidth
}"""
PATIENCE_S = 30.0  # until a screen looks as it should
STILL_S = 0.6  # this long it has not changed: so it stays

SAME_LETTERS = (
    Path("/usr/share/fonts/opentype/noto").is_dir() and Path("/usr/share/fonts/truetype/dejavu").is_dir()
)
pytestmark = pytest.mark.skipif(
    not (SAME_LETTERS or os.environ.get("CI")),
    reason="the pictures were taken with Debian's DejaVu and Noto CJK",
)

ROOMS = [(one, language) for one in ROUNDS for language in LANGUAGES]


def file_of(screen: Screen, language: str, width: int) -> Path:
    return KEPT / language / f"{screen.name}.{width}.webp"


def test_every_route_has_its_picture() -> None:
    assert {screen.route for one in ROUNDS for screen in one.screens} == routes()


def test_every_picture_has_its_screen() -> None:
    wanted = {
        file_of(screen, language, width)
        for one, language in ROOMS
        for screen in one.screens
        for width, _ in one.sizes
    }
    assert set(KEPT.glob("*/*.webp")) == wanted


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = company(tmp_path_factory.mktemp("screens") / "data")
    yield running
    running.kill()


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(
        executable_path=shutil.which("chromium"),
        args=["--no-sandbox", "--disable-gpu", "--font-render-hinting=none", "--disable-lcd-text"],
        env={**os.environ, "FONTCONFIG_FILE": str(FONTS)},
    )
    yield browser
    browser.close()


@contextmanager
def opened(browser: Browser, url: str, one: Round, language: str) -> Iterator[Page]:
    """A page of somebody who has signed in and received everything, at the company's moment."""
    context = browser.new_context(
        viewport={"width": one.sizes[0][0], "height": one.sizes[0][1]},
        locale=language,
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
        color_scheme="light",
        geolocation={"latitude": 36.3502, "longitude": 114.2003, "accuracy": 6},
        permissions=["geolocation"],
    )
    context.set_default_timeout(SLOW_MS)
    context.add_init_script(f"localStorage.setItem('mingcha.language', '{language}'); {one.script}")
    page = context.new_page()
    page.clock.set_fixed_time(still.NOW)
    try:
        if one.login:
            page.goto(f"{url}/signin?to=/me")
            fill_sign_in(page, one.login)
            strip = page.get_by_test_id("sync-strip")
            expect(strip).to_have_attribute("data-synced", "true", timeout=SLOW_MS)
            expect(strip).to_have_attribute("data-phase", "idle", timeout=SLOW_MS)
            page.evaluate("navigator.serviceWorker?.ready.then(() => null)")
        yield page
    finally:
        context.close()


def go(page: Page, url: str, screen: Screen, ids: dict[str, str]) -> None:
    page.context.set_offline(screen.offline)
    page.goto(url + (screen.path or screen.route).format(**ids))
    expect(page.locator("h1").first).to_be_visible()
    expect(page.locator(".desk-skeleton")).to_have_count(0)
    if screen.then:
        screen.then(page)


def taken(page: Page, screen: Screen, width: int) -> Image.Image:
    page.mouse.move(0, 0)
    covered = [page.locator(part) for part in screen.apart]
    shot = page.screenshot(
        full_page=True,
        type="jpeg",
        quality=90,
        animations="disabled",
        mask=covered,
        mask_color="#888888",
        style=".tabs__n { visibility: hidden }",  # the number of notices, asked some seconds later
    )
    picture = small(shot, FACTOR[width])
    size = page.viewport_size
    assert size
    return picture.crop((0, 0, picture.width, min(picture.height, LONGEST * size["height"] // FACTOR[width])))


def at_rest(page: Page, screen: Screen, width: int) -> Image.Image:
    """The screen once it no longer changes."""
    picture, since = taken(page, screen, width), time.monotonic()
    until = since + PATIENCE_S
    while time.monotonic() - since < STILL_S and time.monotonic() < until:
        page.wait_for_timeout(100)
        again = taken(page, screen, width)
        if difference(again, picture).worst > 0.5:
            picture, since = again, time.monotonic()
    return picture


def as_kept(page: Page, screen: Screen, language: str, width: int) -> str:
    """Empty once the screen looks as its picture; else what differs, shown."""
    file = file_of(screen, language, width)
    want = kept(file) if file.exists() else None
    want = want or Image.new("L", (1, 1))
    until = time.monotonic() + PATIENCE_S  # what comes from the server may come late
    while found := difference(got := taken(page, screen, width), want):
        if time.monotonic() > until:
            break
        page.wait_for_timeout(200)
    else:
        return ""
    SHOWN.mkdir(parents=True, exist_ok=True)
    shown = SHOWN / f"{screen.name}.{language}.{width}.png"
    beside(got, want, found).save(shown)
    return f"{shown}: {len(found.blocks)} blocks, the worst {found.worst:.1f}"


@pytest.mark.parametrize(
    ("one", "language"), ROOMS, ids=[f"{one.name}-{language}" for one, language in ROOMS]
)
def test_a_screen_looks_as_its_picture(server: Server, chromium: Browser, one: Round, language: str) -> None:
    as_before(server)
    ids = places(server)
    wrong = []
    with opened(chromium, server.url, one, language) as page:
        for screen in one.screens:
            if ONLY and screen.name not in ONLY:
                continue
            page.set_viewport_size(
                {"width": one.sizes[0][0], "height": one.sizes[0][1]}
            )  # a map fits what it finds
            go(page, server.url, screen, ids)
            for width, height in one.sizes:
                if len(one.sizes) > 1:
                    page.set_viewport_size({"width": width, "height": height})
                if WRITE:
                    file = file_of(screen, language, width)
                    file.parent.mkdir(parents=True, exist_ok=True)
                    keep(at_rest(page, screen, width), file)
                    look(page, f"{screen.name}-{language[:2]}-{width}")
                elif said := as_kept(page, screen, language, width):
                    wrong.append(said)
            if one.sizes == PHONE and (over := page.evaluate(LARGE)) > 0:
                wrong.append(f"{screen.name}: with letters twice as large {over} px wider than the phone")
    assert wrong == []


STYLED = """style => {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(style)
  document.adoptedStyleSheets = [sheet]
}"""
BROKEN = {
    "today": {
        "the bar is gone": ".tabs { visibility: hidden }",
        "a card has moved by 40 px": ".page__body > * { translate: 0 40px }",
        "cards lie on each other": ".card + .card { margin-top: -80px !important }",
    },
    "desk-review": {
        "the bar is gone": ".desk__bar { visibility: hidden }",
        "the facts have moved by 40 px": ".desk-side { translate: 0 40px }",
        "the facts lie on the photo": ".desk-side { margin-left: -200px }",
    },
}


@pytest.mark.parametrize("one", [INSPECTOR, SUPERVISOR], ids=lambda one: one.name)
def test_a_broken_layout_is_found_on_each_size(server: Server, chromium: Browser, one: Round) -> None:
    screen = next(screen for screen in one.screens if screen.name in BROKEN)
    missed = []
    with opened(chromium, server.url, one, LANGUAGES[0]) as page:
        go(page, server.url, screen, places(server))
        for width, height in one.sizes:
            page.set_viewport_size({"width": width, "height": height})
            whole = at_rest(page, screen, width)
            for what, style in BROKEN[screen.name].items():
                page.evaluate(STYLED, style)
                if not difference(at_rest(page, screen, width), whole):
                    missed.append(f"{what}, {width} px")
                page.evaluate(STYLED, "")
            assert not difference(at_rest(page, screen, width), whole), "it does not come back"
    assert missed == []
