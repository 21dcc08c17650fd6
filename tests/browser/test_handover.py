"""Handing over a phone: the receipt when all is there, the rescue file when the phone cannot go online."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, Playwright, expect

from tests.conftest import Pair
from tests.support.axe import findings
from tests.support.client import Client, signed_in
from tests.support.look import in_both_languages, look
from tests.support.phone import Shots, fill_finding, fill_hazard, phone, sign_in, submit
from tests.support.stored import digest

API = "**/api/**"
SYNC = 90_000


def cut(page: Page) -> None:
    """This phone loses its signal; others keep theirs."""
    page.route(API, lambda route: route.abort())


def state(page: Page, wanted: str) -> None:
    expect(page.get_by_test_id("day-card")).to_have_attribute("data-state", wanted, timeout=SYNC)


def assert_on_server(client: Client, id_: str, *photos: Path) -> None:
    record = client.records()[id_]
    assert record["missing"] == []
    for photo in photos:
        answer = client.http.get(f"/api/v1/photos/{digest(photo)}/original")
        assert answer.content == photo.read_bytes()


def test_a_phone_without_a_signal_is_rescued_at_the_desk_and_by_a_colleague(
    playwright: Playwright, backend_pair: Pair, tmp_path: Path
) -> None:
    server = backend_pair.server().prepare(demo=True).start()
    shots = Shots.taken(tmp_path / "shots")
    try:
        with phone(playwright, tmp_path / "owner") as owner:
            page = owner.pages[0]
            sign_in(page, server.url, "duchayuan")
            cut(page)
            fill_finding(page, server.url, shots.proof)
            finding = submit(page)
            first = exported(page, server.url, tmp_path / "first.mcr")
            fill_hazard(page, server.url, shots.box)
            hazard = submit(page)
            second = exported(page, server.url, tmp_path / "second.mcr")  # holds both
            state(page, "left")

            with phone(playwright, tmp_path / "desk") as desk:
                screen = desk.pages[0]
                screen.set_viewport_size({"width": 1440, "height": 900})
                sign_in(screen, server.url, "zhuguan")
                screen.goto(f"{server.url}/desk/handover")
                screen.get_by_test_id("rescue-pick").set_input_files(first)
                expect(screen.get_by_test_id("rescue-inside")).to_have_attribute("data-state", "whole")
                assert findings(screen) == []
                look(screen, "desk-rescue-inside", whole=False)
                screen.get_by_test_id("rescue-bring").click()
                expect(screen.get_by_test_id("rescue-inside")).to_have_attribute(
                    "data-state", "done", timeout=SYNC
                )
                expect(screen.get_by_test_id("rescue-summary").first).to_contain_text("2 项接受")
                brought = screen.get_by_test_id("rescue-file")
                in_both_languages(
                    screen,
                    "desk-rescue",
                    "rescue-pick",
                    lambda _: expect(brought.first).to_be_visible(),
                    whole=False,
                )
            with signed_in(server.url, "duchayuan") as client:
                assert_on_server(client, finding, shots.proof)
                assert hazard not in client.records()

            with phone(playwright, tmp_path / "colleague") as colleague:
                carrier = colleague.pages[0]
                sign_in(carrier, server.url, "qiangxiu")
                cut(carrier)
                carrier.goto(f"{server.url}/sync")
                carrier.get_by_test_id("rescue-carry").set_input_files(second)
                kept = carrier.get_by_test_id("rescue-carried").locator("[data-state]")
                expect(kept).to_have_attribute("data-state", "carrying")
                in_both_languages(carrier, "rescue-carried", "rescue-carried")
                carrier.unroute(API)
                carrier.get_by_test_id("sync-now").click()
                expect(kept).to_have_attribute("data-state", "sent", timeout=SYNC)
            with signed_in(server.url, "duchayuan") as client:
                assert_on_server(client, finding, shots.proof)
                assert_on_server(client, hazard, shots.box)
                before = {id_: row["rev"] for id_, row in client.records().items()}

            page.goto(f"{server.url}/sync")
            in_both_languages(page, "day-left", "day-card")
            page.unroute(API)
            page.get_by_test_id("sync-now").click()
            state(page, "safe")
            expect(page.get_by_test_id("day-card")).to_contain_text(
                "今天 2 条、2 张照片：都在服务器，可以交机"
            )
            in_both_languages(page, "day-safe", "day-card", lambda page: state(page, "safe"))
            cut(page)
            page.reload()
            state(page, "safe")  # checked without a signal
            with signed_in(server.url, "duchayuan") as client:
                after = {id_: row["rev"] for id_, row in client.records().items()}
                assert (after[finding], after[hazard]) == (before[finding], before[hazard])
                [given] = [r for r in client.http.get("/api/v1/receipts").json()["receipts"] if r["n"] == 4]
                assert (given["records"], given["photos"], given["refused"]) == (2, 2, 0)
    finally:
        server.kill()


def exported(page: Page, url: str, target: Path) -> Path:
    """The rescue file of the phone, as it lands in the downloads."""
    page.goto(f"{url}/sync")
    with page.expect_download() as waiting:
        page.get_by_test_id("rescue-export").click()
    waiting.value.save_as(target)
    return target
