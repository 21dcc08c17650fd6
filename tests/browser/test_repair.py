"""A repair without a signal: every step with its photos and its own time, over two flat batteries, sent once."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdfium2
from playwright.sync_api import Page, Playwright, expect

from tests.conftest import Pair
from tests.support.client import Client, now, signed_in, uuid7
from tests.support.look import look
from tests.support.phone import (
    UPRIGHT,
    add_photo,
    kill,
    phone,
    shot,
    sign_in,
    sign_on_site,
    signed_in_on_disk,
)
from tests.support.server import Server
from tests.support.stored import digest, objects

STEPS = ["receive", "arrive", "locate", "repair", "restore"]
UNDO_MS = 10_000


def job_of(inspector: Client, photo: Path) -> str:
    """A hazard at a box of the station in town; gives the repair job that came of its defect."""
    boxes = inspector.records("meter_box").values()
    box = next(one for one in boxes if one["data"]["code"] == "JL-CH-0001")
    hazard = uuid7()
    body = {
        "unit": box["data"]["unit"],
        "meter_box": box["id"],
        "items": ["MB-02"],
        "ownership": "utility",
        "found_at": now(),
        "controlled": False,
        "photos": [inspector.photo(photo, "overall")],
    }
    inspector.applied(inspector.put("hazard", hazard, body), inspector.event("hazard", hazard, "submit"))
    inspector.upload(photo)
    records = inspector.records()
    defect = records[hazard]["facts"]["defect"]
    [job] = [
        one["id"] for one in records.values() if one["kind"] == "repair" and one["data"]["defect"] == defect
    ]
    return str(job)


def step(page: Page, name: str) -> None:
    """Confirms the next milestone and waits until it can no longer be taken back."""
    page.get_by_test_id(f"milestone-{name}").click()
    expect(page.get_by_test_id("held")).to_be_visible()
    expect(page.get_by_test_id(f"done-{name}")).to_be_visible(timeout=UNDO_MS + 10_000)


def all_sent(page: Page) -> None:
    strip = page.get_by_test_id("sync-strip")
    expect(strip).to_have_attribute("data-waiting", "0", timeout=90_000)
    expect(strip).to_have_attribute("data-phase", "idle", timeout=90_000)


def as_known(server: Server, job: str) -> dict[str, Any]:
    with signed_in(server.url, "zhuguan") as supervisor:
        return supervisor.records("repair")[job]


def printed_too(server: Server, job: str, signature: dict[str, Any]) -> None:
    """Who signed stands in the dossier."""
    with signed_in(server.url, "zhuguan") as supervisor:
        printed = supervisor.http.get("/api/v1/exports/dossier.pdf", params={"ids": job}, timeout=120).content
    with closing(pypdfium2.PdfDocument(printed)) as document:
        said = "".join(page.get_textpage().get_text_range() for page in document)
    assert f"现场签名：{signature['name']}" in said


def at(entry: dict[str, Any], key: str = "at") -> datetime:
    return datetime.fromisoformat(entry[key])


def test_a_repair_done_offline_survives_two_kills_and_arrives_in_order_once_with_its_own_times(
    playwright: Playwright, backend_pair: Pair, tmp_path: Path
) -> None:
    server = backend_pair.server().prepare(demo=True).start()
    profile = tmp_path / "profile"
    photos = {name: shot(UPRIGHT, tmp_path / f"{name}.jpg") for name in (*STEPS[1:], "again")}
    try:
        with signed_in(server.url, "duchayuan") as inspector:
            job = job_of(inspector, shot(UPRIGHT, tmp_path / "hazard.jpg"))
        url = f"{server.url}/job/{job}"

        with phone(playwright, profile) as context:
            page = context.pages[0]
            sign_in(page, server.url, "qiangxiu")
            page.goto(server.url)
            page.locator(f'a[href="/job/{job}"]').first.click()
            clock = page.get_by_test_id("repair-clock")
            expect(clock).to_have_attribute("data-phase", "arrive")
            expect(clock).to_contain_text("还剩")
            server.stop()

            page.get_by_test_id("milestone-receive").click()
            page.get_by_test_id("undo").click()
            page.wait_for_timeout(UNDO_MS + 1_500)
            expect(page.get_by_test_id("done-receive")).to_have_count(0)
            step(page, "receive")
            add_photo(page, "before", photos["arrive"])
            step(page, "arrive")
            expect(clock).not_to_have_attribute("data-phase", "arrive")
            page.get_by_test_id("field-locate").fill("接头松动")
            add_photo(page, "during", photos["locate"])
            page.wait_for_timeout(1_000)  # a draft is on disk half a second after the last key
            signed_in_on_disk(profile)
            kill(profile)

        with phone(playwright, profile) as context:
            page = context.pages[0]
            page.goto(url)
            expect(page.get_by_test_id("field-locate")).to_have_value("接头松动")
            expect(page.locator(".frames__one--full")).to_have_count(1)
            for view, state in (("before", "taken"), ("during", "taken"), ("after", "later")):
                expect(page.get_by_test_id(f"view-{view}")).to_have_attribute("data-state", state)
            for language in ("en", "zh-CN"):
                page.evaluate("language => localStorage.setItem('mingcha.language', language)", language)
                page.reload()
                expect(page.get_by_test_id("field-locate")).to_have_value("接头松动")
                look(page, f"repair-views-{language}")
            page.get_by_test_id("field-locate").fill("接头松动，已过热")
            page.get_by_test_id("milestone-locate").click()
            expect(page.get_by_test_id("held")).to_be_visible()
            page.wait_for_timeout(500)
            kill(profile)

        with phone(playwright, profile) as context:
            page = context.pages[0]
            page.goto(url)
            located = page.get_by_test_id("done-locate")
            expect(located).to_contain_text("接头松动，已过热", timeout=UNDO_MS + 10_000)
            expect(located.locator("img")).to_have_count(1)
            page.get_by_test_id("field-repair").fill("更换线夹")
            add_photo(page, "during", photos["repair"])
            step(page, "repair")
            page.get_by_test_id("milestone-restore").click()
            expect(page.get_by_test_id("missing")).to_be_visible()  # no end without a photo
            add_photo(page, "after", photos["restore"])
            sign_on_site(page, "赵六")
            page.wait_for_timeout(1_000)  # the draft is on disk
            page.reload()
            expect(page.get_by_test_id("signature")).to_contain_text("赵六", timeout=30_000)
            page.get_by_test_id("sign").scroll_into_view_if_needed()
            look(page, "repair-signature-zh-CN", whole=False)
            step(page, "restore")
            expect(page.get_by_test_id("done-restore").get_by_test_id("signature")).to_contain_text("赵六")
            expect(page.locator("main [data-where]").first).to_have_attribute("data-where", "local")
            back = datetime.now(UTC)
            server.start()
            context.set_offline(True)
            context.set_offline(False)  # out of the cellar: the phone is told that there is a signal
            all_sent(page)

            known = as_known(server, job)
            assert known["state"] == "restored"
            log = [entry for entry in known["log"] if entry["type"] != "create"]
            assert [entry["type"] for entry in log] == STEPS
            assert [at(entry) for entry in log] == sorted(at(entry) for entry in log)
            for entry in log:
                assert at(entry) < back <= at(entry, "received_at"), entry["type"]
            assert log[2]["data"]["cause"] == "接头松动，已过热"
            assert log[3]["data"]["measure"] == "更换线夹"
            assert log[4]["data"]["signature"]["name"] == "赵六"
            assert log[4]["data"]["signature"]["strokes"].count("M") == 2
            printed_too(server, job, log[4]["data"]["signature"])
            stored = objects(server)
            for entry in log[1:]:
                sha256 = digest(photos[entry["type"]])
                assert [photo["sha256"] for photo in entry["data"]["photos"]] == [sha256]
                assert [hashed for address, hashed in stored.items() if address.endswith(sha256)] == [sha256]
            assert known["facts"]["clock"]["kept"] is True
            with signed_in(server.url, "zhuguan") as supervisor:
                assert supervisor.records("defect")[known["data"]["defect"]]["state"] == "rectified"
                supervisor.applied(
                    supervisor.event("repair", job, "return", {"reason": "复电照片看不清相序。"})
                )

            page.goto(url)
            expect(page.get_by_test_id("return-reason")).to_have_text("复电照片看不清相序。", timeout=30_000)
            add_photo(page, "after", photos["again"])
            page.get_by_test_id("milestone-restore").click()
            expect(page.get_by_test_id("done-restore")).to_have_count(2, timeout=UNDO_MS + 10_000)
            all_sent(page)
            assert as_known(server, job)["state"] == "restored"
    finally:
        server.kill()
