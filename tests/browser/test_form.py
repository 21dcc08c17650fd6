"""What a person's hands and a new version can do to an open form: one record, nothing lost."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, Playwright, expect

from sync.tables import record
from tests.support.phone import Shots, choose, fill_hazard, open_form, phone, sign_in
from tests.support.server import ROOT, Server
from tests.support.stored import rows, sent

OLD, NEW = "0.0.1", "0.0.2"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("forms")).prepare(demo=True).start()
    try:
        yield running
    finally:
        running.kill()


def tap_ten_times(page: Page, button: str) -> None:
    """Ten taps, 30 ms apart, on whatever button of this name there still is."""
    page.evaluate(
        """(button) => new Promise((done) => {
          let taps = 0
          const timer = setInterval(() => {
            document.querySelector(`[data-testid="${button}"]`)?.click()
            if (++taps === 10) { clearInterval(timer); done(null) }
          }, 30)
        })""",
        button,
    )


def recorded(page: Page, url: str) -> int:
    """How many records of his own the phone lists, all pages of the list opened."""
    page.goto(f"{url}/record")
    lines, more = page.get_by_test_id("record-line"), page.get_by_test_id("record-more")
    expect(lines.first).to_be_visible()
    while more.is_visible():
        before = lines.count()
        more.click()
        expect(lines).not_to_have_count(before)
    return lines.count()


@pytest.mark.parametrize(("line", "button"), [("online", "save"), ("offline", "submit")])
def test_ten_taps_in_300_ms_give_one_record(
    playwright: Playwright, company: Server, tmp_path: Path, line: str, button: str
) -> None:
    before = {row.id for row in rows(company, sa.select(record.c.id).where(record.c.kind == "hazard"))}
    with phone(playwright, tmp_path / "profile") as context:
        page = context.pages[0]
        sign_in(page, company.url, "duchayuan")
        shown = recorded(page, company.url)
        if line == "offline":
            company.stop()
        try:
            fill_hazard(page, company.url, Shots.taken(tmp_path / "shots").box)
            tap_ten_times(page, button)
            expect(page).to_have_url(re.compile("/r/hazard/"))
            assert recorded(page, company.url) == shown + 1
        finally:
            if not company.running:
                company.start()
        strip = page.get_by_test_id("sync-strip")
        expect(strip).to_have_attribute("data-waiting", "0", timeout=60_000)
        assert recorded(page, company.url) == shown + 1
    after = {row.id for row in rows(company, sa.select(record.c.id).where(record.c.kind == "hazard"))}
    [made] = after - before
    puts = [op for op in sent(company, made) if op["op"] == "put"]
    assert len(puts) == 1


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The app built twice, as two versions."""
    folder = tmp_path_factory.mktemp("builds")
    for version in (OLD, NEW):
        subprocess.run(
            [
                "node",
                "node_modules/vite/bin/vite.js",
                "build",
                "--logLevel=error",
                "--outDir",
                folder / version,
            ],
            cwd=ROOT / "pwa",
            env={**os.environ, "npm_package_version": version},
            check=True,
            capture_output=True,
        )
    return {version: folder / version for version in (OLD, NEW)}


@contextmanager
def two_tabs(playwright: Playwright, server: Server, profile: Path) -> Iterator[tuple[Page, Page]]:
    """A signed-in phone with one tab to write in and another on Me, which tells the version."""
    with phone(playwright, profile) as context:
        form, other = context.pages[0], context.new_page()
        sign_in(form, server.url, "duchayuan")
        other.goto(f"{server.url}/me")
        yield form, other


def begin_to_write(page: Page, url: str) -> None:
    open_form(page, url, "finding")
    choose(page, "unit", "城关供电所")
    page.get_by_test_id("field-fact").fill("写到一半")
    page.evaluate("window.untouched = true")


def still_writing(page: Page) -> None:
    assert page.evaluate("window.untouched") is True
    expect(page.get_by_test_id("field-fact")).to_have_value("写到一半")


def all_new_and_sent(page: Page, url: str) -> None:
    page.goto(f"{url}/me")
    expect(page.locator(".me__facts")).to_contain_text(NEW)
    expect(page.get_by_test_id("sync-strip")).to_have_attribute("data-waiting", "0", timeout=30_000)


def bring_new_version(server: Server, builds: dict[str, Path], page: Page) -> None:
    """The server gets the new build; the page, on Me, has downloaded it and offers it."""
    server.stop()
    server.env["MINGCHA_PWA_DIR"] = str(builds[NEW])
    server.start()
    page.evaluate(
        "navigator.serviceWorker.getRegistration().then((found) => found.update()).then(() => null)"
    )
    expect(page.get_by_test_id("me-update")).to_be_visible(timeout=30_000)


def let_old_worker_sleep(page: Page) -> None:
    """Waits until the new worker is in charge.

    An idle worker is put to sleep by the browser within half a minute, and then gives up its place. Under a
    debugger, as here, it stays awake for good once a request has woken it: this puts it to sleep.
    """
    states: dict[str, str] = {}
    debugger = page.context.new_cdp_session(page)
    debugger.on(
        "ServiceWorker.workerVersionUpdated",
        lambda event: states.update({v["versionId"]: v["status"] for v in event["versions"]}),
    )
    debugger.send("ServiceWorker.enable")
    deadline = time.monotonic() + 60
    page.wait_for_timeout(1_000)
    while "installed" in states.values():
        assert time.monotonic() < deadline, states
        for version in [version for version, state in states.items() if state == "activated"]:
            debugger.send("ServiceWorker.stopWorker", {"versionId": version})
        page.wait_for_timeout(1_000)
    assert states
    debugger.detach()


def test_a_new_version_waits_until_no_tab_has_a_form_open(
    playwright: Playwright, builds: dict[str, Path], tmp_path: Path
) -> None:
    server = Server(tmp_path / "data", {"MINGCHA_PWA_DIR": str(builds[OLD])}).prepare(demo=True).start()
    try:
        with two_tabs(playwright, server, tmp_path / "profile") as (form, other):
            version = other.locator(".me__facts")
            expect(version).to_contain_text(OLD)
            begin_to_write(form, server.url)

            bring_new_version(server, builds, other)
            other.get_by_test_id("me-update").click()
            expect(other.get_by_text("有表单还开着")).to_be_visible()
            other.reload()  # a start of the app would put it in place, were no form open
            expect(version).to_contain_text(OLD)
            other.wait_for_timeout(2_000)
            expect(version).to_contain_text(OLD)
            still_writing(form)

            form.get_by_test_id("save").click()
            expect(form).to_have_url(re.compile("/r/finding/"))
            other.wait_for_function(
                "() => navigator.locks.query().then(({ held }) => !held.some((lock) => lock.name === 'mingcha-form'))"
            )
            other.get_by_test_id("me-update").click()
            let_old_worker_sleep(form)
            expect(version).to_contain_text(NEW)
            expect(form.get_by_text("写到一半")).to_be_visible()
            assert form.evaluate("window.untouched") is None
            all_new_and_sent(form, server.url)
    finally:
        server.kill()


def test_a_form_opened_while_the_new_version_starts_is_left_alone(
    playwright: Playwright, builds: dict[str, Path], tmp_path: Path
) -> None:
    server = Server(tmp_path / "data", {"MINGCHA_PWA_DIR": str(builds[OLD])}).prepare(demo=True).start()
    try:
        with two_tabs(playwright, server, tmp_path / "profile") as (form, other):
            version = other.locator(".me__facts")
            bring_new_version(server, builds, other)

            # The old worker waits for an answer, so that the new one cannot take its place yet.
            os.kill(server.pid, signal.SIGSTOP)
            other.evaluate("void fetch('/assets/none.js').catch(() => {})")
            other.get_by_test_id("me-update").click()
            expect(other.get_by_test_id("me-update")).to_have_attribute("aria-busy", "true")
            begin_to_write(form, server.url)
            expect(version).to_contain_text(OLD)

            os.kill(server.pid, signal.SIGCONT)
            let_old_worker_sleep(form)
            form.wait_for_timeout(2_000)
            still_writing(form)

            form.get_by_test_id("save").click()
            expect(version).to_contain_text(NEW)
            expect(form.get_by_text("写到一半")).to_be_visible()
            form.wait_for_function("() => window.untouched === undefined")
            all_new_and_sent(form, server.url)
    finally:
        server.kill()
