"""A record's dossier: what it must say is in it, the same state gives the same bytes, and only its reader gets it."""

import asyncio
import hashlib
import io
import re
import time
from contextlib import closing

import httpx
import pypdfium2
import pytest
from PIL import Image

from backend.app import build
from backend.custody import keys, proof
from backend.settings import load
from tests.support.client import Client, now, uuid7
from tests.support.phone import SAMPLES

from .conftest import World
from .test_lists import LOST, PHOTO, hazard

VOICE = SAMPLES / "recordings" / "voice.webm"
SIGNED = {"name": "李四", "signed_at": "2026-11-26T10:00:00+08:00", "strokes": "M100 300L900 310"}


def picture() -> bytes:
    """A real JPEG, which gets a view."""
    out = io.BytesIO()
    Image.radial_gradient("L").resize((400, 300)).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def dossier(client: Client, **asked: str) -> httpx.Response:
    return client.http.get("/api/v1/exports/dossier.pdf", params=asked, timeout=120)


def text_of(content: bytes) -> str:
    """All its letters, without the breaks between lines."""
    with closing(pypdfium2.PdfDocument(content)) as document:
        pages = [page.get_textpage().get_text_range() for page in document]
    return re.sub(r"\s+", " ", "\n".join(pages))


@pytest.fixture(scope="module")
def case(world: World) -> str:
    """A hazard of three photos and a voice note: one with a view, one that cannot be shown, one that never came."""
    with world.client("inspector", register=True) as inspector:
        id_ = hazard(world, inspector, signature=SIGNED)
        shown = inspector.photo(picture(), "close_up")
        before = inspector.records("hazard")[id_]["data"]
        changes = {
            "photos": [*before["photos"], shown, inspector.photo(VOICE, "voice", "audio/webm")],
            "note": "门已用铁丝临时绑住",
            "items": ["MB-01", "MB-08"],
        }
        inspector.applied(inspector.event("hazard", id_, "amend", {"reason": "漏报一项", "changes": changes}))
        inspector.upload(VOICE, "audio/webm")
        sha256 = inspector.upload(picture())

        limit = time.monotonic() + 120
        while inspector.http.get(f"/api/v1/photos/{sha256}/facts").json()["derived"] == "pending":
            assert time.monotonic() < limit, "no view is made of the photo"
            time.sleep(0.2)
    return id_


def test_a_dossier_says_all_of_its_record_in_both_languages(world: World, case: str) -> None:
    with world.client("supervisor", register=True) as supervisor:
        made = dossier(supervisor, ids=case)
        assert (made.status_code, made.headers["Content-Type"]) == (200, "application/pdf"), made.text[:500]
        said = text_of(made.content)
        for part in (
            case,
            "计量箱隐患",
            "甲供电所",
            "MB-01",
            "MB-08",
            "照片 · 4 张",
            "照片尚未到达服务器",
            "原件已收到，没有可印的画面",
            "录音或录像，原件在证据包里",
            hashlib.sha256(VOICE.read_bytes()).hexdigest()[:8],
            "手机未签名",
            "+08:00",
            "判断",
            "计量箱隐患目录 2026.11",
            "决定与经过",
            "更正",
            "漏报一项",
            "门已用铁丝临时绑住",
            "加了 2 张照片",
            "现场签名",
            "李四，2026-11-26 10:00:00 +08:00",
        ):
            assert part in said, (part, said)
        assert {Client.photo(supervisor, data)["sha256"][:8] for data in (PHOTO, LOST)} <= set(said.split())
        english = text_of(dossier(supervisor, ids=case, lang="en").content)
        for part in (
            "Record dossier",
            "Meter box",
            "Photos · 4",
            "has not arrived",
            "Amended",
            "Put right by",
        ):
            assert part in english, (part, english)
        with closing(pypdfium2.PdfDocument(made.content)) as document:
            assert [mark.get_title().split(" ")[0] for mark in document.get_toc()] == ["计量箱隐患"]


def test_the_same_state_gives_the_same_bytes_and_another_state_others(world: World, case: str) -> None:
    with world.client("supervisor", register=True) as supervisor:
        first, again = (dossier(supervisor, ids=case).content for _ in range(2))
        assert first == again
        supervisor.applied(supervisor.event("hazard", case, "accept", {"note": "属实，尽快处理"}))
        decided = dossier(supervisor, ids=case).content
        assert decided != first
        said = text_of(decided)
        assert "审核通过" in said
        assert "属实，尽快处理" in said
        assert supervisor.me["person"]["name"] in said


def test_a_dossier_is_not_made_for_who_may_not_see_the_record(world: World, case: str) -> None:
    finding = uuid7()
    with world.client("inspector", register=True) as inspector:
        body = {
            "unit": world.ours.stations[0],
            "visit": "unannounced",
            "item": "YYT-02",
            "catalogue": "2026.11",
            "happened_at": now(),
            "fact": "暗访时没有人值班",
        }
        inspector.applied(inspector.put("finding", finding, body))
        assert dossier(inspector, ids=finding).status_code == 404, "a draft"
        inspector.applied(inspector.event("finding", finding, "submit"))
        said = text_of(dossier(inspector, ids=finding).content)
        assert "这条记录没有照片" in said
        assert "暗访时没有人值班" in said
    with world.client("crew") as station, world.client("foreign-inspector") as stranger:
        for client in (station, stranger):
            assert dossier(client, ids=finding).json()["code"] == "not_found"
        assert dossier(stranger, ids=case).json()["code"] == "not_found"
        both = text_of(dossier(station, ids=f"{finding},{case}").content)
        assert case in both
        assert "暗访" not in both


def test_the_address_on_a_dossier_tells_whether_it_is_the_records_state_still(
    world: World, case: str
) -> None:
    with world.client("supervisor", register=True) as supervisor, Client(world.url) as anybody:
        address = token(world, case, supervisor.records("hazard")[case]["rev"])
        said = anybody.http.get(f"/api/v1/verify/record/{address}").json()
        assert (said["record"], said["current"]) == (case, True)
        assert set(said) == {"record", "rev", "fingerprint", "current"}
        old = token(world, case, said["rev"] - 1)
        assert anybody.http.get(f"/api/v1/verify/record/{old}").json()["current"] is False
        for wrong in ("x", "A" * 118, "A" * 92, address[:-1] + ("A" if address[-1] != "A" else "B")):
            refused = anybody.http.get(f"/api/v1/verify/record/{wrong}")
            assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
        assert anybody.http.get(f"/api/v1/verify/{address}").status_code == 404, "no photo's address"


def token(world: World, record: str, rev: int) -> str:
    """As the server prints it."""

    async def read() -> str:
        parts = build(load(world.server.env))
        async with parts.db.read() as conn:
            (key,) = [one for one in await keys.listing(conn) if one.purpose == "sign"]
        parts.passwords.close()
        await parts.db.close()
        return proof.record_token(key, proof.Recorded(world.ours.org, record, rev, "ab" * 32))

    return asyncio.run(read())


def test_more_than_a_moments_work_is_not_made_at_once(world: World) -> None:
    with world.client("inspector", register=True) as inspector, world.client("supervisor") as supervisor:
        for _ in range(21):
            hazard(world, inspector)
        refused = dossier(supervisor, kind="hazard")
        assert (refused.status_code, refused.json()["code"], refused.json()["most"]) == (
            413,
            "export_too_large",
            20,
        )
        assert dossier(supervisor, grade="x").status_code == 422
