"""A record that comes back: the phone says why, it is mended without a signal, and counts as the same record."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, Playwright, Request, expect

from media.tables import photo
from tests.conftest import Pair
from tests.support.client import now, signed_in, uuid7
from tests.support.phone import (
    Shots,
    fill_finding,
    fill_hazard,
    fill_infrared,
    kill,
    phone,
    sign_in,
    signed_in_on_disk,
    submit,
)
from tests.support.server import Server
from tests.support.stored import digest, rows

REASONS = {
    "infrared": "热像图没有对准接头，请核对 A 相温度。",
    "hazard": "请写明箱门朝向。",
    "finding": "请写明当时的情形。",
}
DRAFTS = 35
MENDED = {
    "infrared": ("temp-0", "84.5"),
    "hazard": ("note", "箱门朝东，对着巷口。"),
    "finding": ("fact", "上门时未佩戴工号牌，经提醒后戴上。"),
}


def all_sent(page: Page) -> None:
    strip = page.get_by_test_id("sync-strip")
    expect(strip).to_have_attribute("data-waiting", "0", timeout=90_000)
    expect(strip).to_have_attribute("data-phase", "idle", timeout=90_000)


def stored_at(server: Server, shots: Shots) -> dict[str, object]:
    """When each photo of the round was stored, by its hash."""
    names = [digest(shot) for shot in (shots.thermal, shots.visible, shots.box, shots.proof)]
    found = rows(server, sa.select(photo.c.sha256, photo.c.stored_at).where(photo.c.sha256.in_(names)))
    return {row.sha256: row.stored_at for row in found}


def mend(page: Page, server: Server, kind: str, record: str) -> None:
    """The reason is read, the form opened from it, one value set right, and the record sent in again."""
    page.goto(f"{server.url}/r/{kind}/{record}")
    expect(page.get_by_test_id("return-reason")).to_have_text(REASONS[kind])
    page.get_by_test_id("mend").click()
    expect(page).to_have_url(re.compile(f"/new/{kind}/{record}$"))
    field, value = MENDED[kind]
    page.get_by_test_id(f"field-{field}").fill(value)
    assert submit(page) == record


def test_a_returned_record_is_mended_offline_survives_a_kill_and_is_the_same_record_once(
    playwright: Playwright, backend_pair: Pair, tmp_path: Path
) -> None:
    server = backend_pair.server().prepare(demo=True).start()
    profile = tmp_path / "profile"
    shots = Shots.taken(tmp_path / "shots")
    ids: dict[str, str] = {}
    try:
        with phone(playwright, profile) as context:
            page = context.pages[0]
            sign_in(page, server.url, "duchayuan")
            server.stop()
            fill_infrared(page, server.url, shots)
            ids["infrared"] = submit(page)
            fill_hazard(page, server.url, shots.box)
            ids["hazard"] = submit(page)
            fill_finding(page, server.url, shots.proof)
            ids["finding"] = submit(page)
            server.start()
            all_sent(page)
            photos = stored_at(server, shots)
            assert len(photos) == 4

            with signed_in(server.url, "zhuguan") as supervisor:
                defects = {
                    kind: supervisor.records(kind)[ids[kind]]["facts"]["defect"]
                    for kind in MENDED
                    if kind != "finding"
                }
                supervisor.applied(
                    *(
                        supervisor.event(kind, id_, "return", {"reason": REASONS[kind]})
                        for kind, id_ in ids.items()
                    )
                )
            page.goto(f"{server.url}/record")
            back = page.locator('[data-testid="record-line"] [data-where="returned"]')
            for id_ in ids.values():
                line = page.locator(f'[data-testid="record-line"][href$="{id_}"]')
                expect(line.locator("[data-where]")).to_have_attribute(
                    "data-where", "returned", timeout=30_000
                )
            expect(back.first).to_have_text("被退回")

            server.stop()
            for kind, id_ in ids.items():
                mend(page, server, kind, id_)
            signed_in_on_disk(profile)
            kill(profile)

        with phone(playwright, profile) as context:
            page = context.pages[0]
            uploads: list[str] = []

            def count(request: Request) -> None:
                if "/uploads" in request.url:
                    uploads.append(f"{request.method} {request.url}")

            context.on("request", count)
            page.goto(f"{server.url}/record")
            expect(page.locator('[data-testid="record-line"] [data-where="local"]')).to_have_text(
                ["未上传"] * 3
            )
            server.start()
            all_sent(page)
            assert uploads == []

        with signed_in(server.url, "zhuguan") as supervisor:
            found = supervisor.records()
        for kind, id_ in ids.items():
            assert found[id_]["state"] == "submitted"
            assert [entry["type"] for entry in found[id_]["log"]] == ["submit", "return", "open", "submit"], (
                kind
            )
        assert found[ids["infrared"]]["data"]["points"][0]["temp_c"] == 84.5
        assert found[ids["hazard"]]["data"]["note"] == MENDED["hazard"][1]
        assert found[ids["finding"]]["data"]["fact"] == MENDED["finding"][1]
        for kind, defect in defects.items():
            made = [
                one["id"]
                for one in found.values()
                if one["kind"] == "defect" and one["data"]["source"] == ids[kind]
            ]
            assert made == [defect], kind
        assert stored_at(server, shots) == photos
    finally:
        server.kill()


@pytest.mark.parametrize(("locale", "word"), [("zh-CN", "被退回"), ("en", "Returned")])
def test_the_first_screen_tells_of_a_returned_record(
    playwright: Playwright, tmp_path: Path, locale: str, word: str
) -> None:
    server = Server(tmp_path / "data").prepare(demo=True).start()
    try:
        with signed_in(server.url, "duchayuan") as inspector:
            returned = [one["id"] for one in inspector.records().values() if one["state"] == "returned"]
            assert returned, "the demo company has a returned record"
            unit = next(one["data"]["unit"] for one in inspector.records("meter_box").values())
            drafts = [{"unit": unit, "items": ["MB-02"], "found_at": now()} for _ in range(DRAFTS)]
            for body in drafts:
                inspector.applied(inspector.put("hazard", uuid7(), body))
        with phone(playwright, tmp_path / "profile", locale) as context:
            context.add_init_script(f"localStorage.setItem('mingcha.language', '{locale}')")
            page = context.pages[0]
            sign_in(page, server.url, "duchayuan")
            expect(page.locator("main")).to_contain_text(word)
            cards, more = page.get_by_test_id("todo"), page.get_by_test_id("today-more")
            expect(cards).to_have_count(
                30
            )  # what a small phone draws at once, the first ones being those that count
            while more.count():  # each tap says how many it brings, and brings them
                shown, brings = cards.count(), int(re.search(r"\d+", more.inner_text())[0])  # type: ignore[index]
                more.click()
                expect(cards).to_have_count(shown + brings)
            assert cards.count() >= DRAFTS + len(returned)
            assert page.get_by_test_id("go-draft").count() >= DRAFTS
    finally:
        server.kill()
