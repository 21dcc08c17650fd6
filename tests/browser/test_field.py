"""An inspector's day without a signal: recorded offline, killed, reopened, synced once each, byte for byte."""

from __future__ import annotations

import os
import re
from pathlib import Path

import sqlalchemy as sa
from playwright.sync_api import Page, Playwright, Request, Route, expect

from media.tables import photo
from sync.tables import record
from tests.conftest import Pair
from tests.support.client import Client, signed_in
from tests.support.phone import (
    Shots,
    add_photo,
    choose,
    cookies_on_disk,
    fill_finding,
    fill_hazard,
    fill_infrared,
    fill_sign_in,
    kill,
    phone,
    sign_in,
    signed_in_on_disk,
    submit,
)
from tests.support.server import Server
from tests.support.stored import digest, objects, rows, sent

KINDS = ("finding", "hazard", "infrared")


def pictured(page: Page, name: str) -> None:
    """A picture of the screen where SHOTS names a folder, to be looked at."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png")


def records_of(server: Server) -> dict[str, str]:
    """Kind of every record of an inspector in the database, by id."""
    found = rows(server, sa.select(record.c.id, record.c.kind).where(record.c.kind.in_(KINDS)))
    return {row.id: row.kind for row in found}


def operations_on(server: Server, id_: str) -> list[str]:
    """What phones sent for a record, in order: `put`, or the event's type. Every one was accepted."""
    pushed = sent(server, id_)
    assert all(op["result"]["status"] in ("applied", "merged") for op in pushed), pushed
    return [op.get("type") or op["op"] for op in pushed]


def assert_arrived(server: Server, client: Client, *originals: Path) -> None:
    """Each photo is stored once, under its content address, byte for byte, and given back so."""
    stored = objects(server)
    for original in originals:
        sha256 = digest(original)
        addresses = [address for address in stored if address.endswith(sha256)]
        assert len(addresses) == 1, (original.name, addresses)
        assert stored[addresses[0]] == sha256
        assert addresses[0].split("/")[1:] == [sha256[:2], sha256[2:4], sha256]
        answer = client.http.get(f"/api/v1/photos/{sha256}/original")
        assert answer.content == original.read_bytes()
        [known] = rows(server, sa.select(photo).where(photo.c.sha256 == sha256))
        assert known.size == original.stat().st_size


def all_sent(page: Page, count: int) -> None:
    """The records on this page come to say 已上传 without anybody touching the phone."""
    lines = page.locator('[data-testid="record-line"] [data-where="sent"]')
    expect(page.locator('[data-testid="record-line"] [data-where="local"]')).to_have_count(0, timeout=90_000)
    expect(page.locator('[data-testid="record-line"] [data-where="sending"]')).to_have_count(
        0, timeout=90_000
    )
    expect(lines.first).to_be_visible()
    assert lines.count() >= count


def test_what_was_recorded_offline_survives_a_kill_and_arrives_once_and_whole(
    playwright: Playwright, backend_pair: Pair, tmp_path: Path
) -> None:
    server = backend_pair.server().prepare(demo=True).start()
    profile = tmp_path / "profile"
    shots = Shots.taken(tmp_path / "shots")
    originals = (shots.thermal, shots.visible, shots.box, shots.proof)
    try:
        before = records_of(server)
        taken = set(objects(server).values())
        with phone(playwright, profile) as context:
            page = context.pages[0]
            sign_in(page, server.url, "duchayuan")
            server.stop()

            fill_infrared(page, server.url, shots)
            judged = page.get_by_test_id("judgement")
            expect(judged).to_contain_text("相对温差 81.8 %")
            expect(judged).to_contain_text("严重")
            infrared = submit(page)
            fill_hazard(page, server.url, shots.box)
            expect(page.get_by_test_id("judgement")).to_contain_text("危急")
            hazard = submit(page)
            expect(page.locator("main")).to_contain_text(
                "危急"
            )  # the phone's own rating, until the server's is here
            expect(page.locator("main")).to_contain_text("消缺期限")
            fill_finding(page, server.url, shots.proof)
            finding = submit(page)
            expect(page.locator("main")).to_contain_text("YYT-08")
            expect(page.locator("main")).to_contain_text("赵磊")
            signed_in_on_disk(profile)
            kill(profile)

        with phone(playwright, profile) as context:
            page = context.pages[0]
            page.goto(f"{server.url}/record")
            local = page.locator('[data-testid="record-line"] [data-where="local"]')
            expect(local).to_have_text(["未上传"] * 3)
            page.goto(f"{server.url}/r/infrared/{infrared}")
            expect(page.locator("main")).to_contain_text("81.8 %")
            shown = page.locator("main img")
            expect(shown).to_have_count(2)
            for index in range(2):
                expect(shown.nth(index)).to_have_js_property("complete", True)
                assert shown.nth(index).evaluate("image => image.naturalWidth") > 0
            page.goto(f"{server.url}/record")
            expect(local).to_have_count(3)

            server.start()
            all_sent(page, 3)
            expect(page.get_by_test_id("sync-strip")).to_have_attribute("data-waiting", "0", timeout=90_000)

        new = {id_: kind for id_, kind in records_of(server).items() if id_ not in before}
        assert new == {infrared: "infrared", hazard: "hazard", finding: "finding"}
        for id_ in new:
            assert operations_on(server, id_) == ["put", "submit"]
        with signed_in(server.url, "duchayuan") as client:
            assert_arrived(server, client, *originals)
            received = client.records()
            assert [received[id_]["missing"] for id_ in new] == [[], [], []]
            assert received[infrared]["facts"]["judgement"]["grade"] == "serious"
        added = set(objects(server).values()) - taken
        assert added == {digest(original) for original in originals}
    finally:
        server.kill()


def test_a_session_that_ends_in_mid_upload_asks_for_a_sign_in_and_then_goes_on_where_it_stopped(
    playwright: Playwright, backend_pair: Pair, tmp_path: Path
) -> None:
    server = backend_pair.server().prepare(demo=True).start()
    shots = Shots.taken(tmp_path / "shots")
    offsets: list[int] = []
    try:
        before = records_of(server)
        with phone(playwright, tmp_path / "profile") as context:
            page = context.pages[0]
            sign_in(page, server.url, "duchayuan")

            def piece(route: Route, request: Request) -> None:
                if request.method != "PATCH":
                    route.continue_()
                    return
                offsets.append(int(request.headers["upload-offset"]))
                answer = route.fetch()
                if len(offsets) == 1:
                    cookie = {one["name"]: one["value"] for one in context.cookies()}["mingcha_session"]
                    with Client(server.url) as other:
                        other.http.cookies.set("mingcha_session", cookie)
                        assert other.http.delete("/api/v1/session").status_code == 204
                route.fulfill(response=answer)

            page.route(re.compile("/api/v1/uploads/"), piece)
            fill_hazard(page, server.url, shots.visible)
            page.get_by_test_id("submit").click()
            strip = page.get_by_test_id("sync-strip")
            expect(strip).to_contain_text("登录后继续上传 · 1 张照片", timeout=30_000)
            hazard = page.url.rsplit("/", 1)[1]
            server.stop()  # what is recorded now cannot slip out before the sign-in
            server.start()
            fill_finding(page, server.url, shots.proof)
            page.get_by_test_id("submit").click()
            expect(page).to_have_url(re.compile("/r/finding/"))
            finding = page.url.rsplit("/", 1)[1]
            expect(page.get_by_test_id("where").first).to_have_attribute("data-where", "local")
            expect(strip).to_contain_text("登录后继续上传 · 1 条、2 张照片", timeout=30_000)
            strip.click()
            expect(page.get_by_text("登录已过期。记录和照片都在本机，登录后继续上传。")).to_be_visible()
            stopped = len(offsets)
            page.get_by_role("button", name="登录", exact=True).click()
            fill_sign_in(page, "duchayuan")
            expect(page).to_have_url(re.compile("/sync"))
            expect(strip).to_have_attribute("data-waiting", "0", timeout=60_000)
            assert offsets[stopped] > 0, "the upload began anew"
            page.goto(f"{server.url}/record")
            all_sent(page, 2)
        new = {id_: kind for id_, kind in records_of(server).items() if id_ not in before}
        assert new == {hazard: "hazard", finding: "finding"}
        for id_ in new:
            assert operations_on(server, id_) == ["put", "submit"]
        with signed_in(server.url, "duchayuan") as client:
            assert_arrived(server, client, shots.visible, shots.proof)
    finally:
        server.kill()


def test_a_phone_that_lost_its_sign_in_with_its_battery_asks_for_it_and_keeps_everything(
    playwright: Playwright, tmp_path: Path
) -> None:
    # Chromium writes cookies every 30 s: power that goes sooner after the sign-in takes the session along.
    server = Server(tmp_path / "data").prepare(demo=True).start()
    profile = tmp_path / "profile"
    shots = Shots.taken(tmp_path / "shots")
    try:
        with phone(playwright, profile) as context:
            page = context.pages[0]
            sign_in(page, server.url, "duchayuan")
            server.stop()
            fill_hazard(page, server.url, shots.box)
            hazard = submit(page)
            page.goto(f"{server.url}/record")
            page.get_by_test_id("new-finding").click()
            choose(page, "unit", "城关供电所")
            page.get_by_test_id("field-fact").fill("还没有写完")
            add_photo(page, "evidence", shots.proof)
            kill(profile)  # the photo's bytes and the form that names it came to the disk together
        for file in cookies_on_disk(profile):
            file.unlink()
        server.start()
        with phone(playwright, profile) as context:
            page = context.pages[0]
            page.goto(server.url)
            expect(page.get_by_test_id("field-fact")).to_have_value("还没有写完")
            expect(page.locator(".frames__one--full")).to_have_count(1)
            expect(page.locator(".frames__one--full img")).to_have_js_property("complete", True)
            expect(page.locator(".frames")).to_be_in_viewport()  # where the person was
            pictured(page, "killed")
            strip = page.get_by_test_id("sync-strip")
            expect(strip).to_contain_text("登录后继续上传 · 1 条、1 张照片", timeout=60_000)
            page.goto(f"{server.url}/me")
            page.get_by_test_id("me-signin").click()
            fill_sign_in(page, "duchayuan")
            expect(strip).to_have_attribute("data-waiting", "0", timeout=60_000)
            page.goto(f"{server.url}/record")
            all_sent(page, 1)
        assert operations_on(server, hazard) == ["put", "submit"]
        with signed_in(server.url, "duchayuan") as client:
            assert_arrived(server, client, shots.box)
    finally:
        server.kill()
