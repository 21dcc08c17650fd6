"""Sending photos out: who gets them, which part, and how long they may be kept."""

import asyncio
import hashlib
import io
import secrets
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from backend.app import Parts, build
from backend.settings import load
from tests.integration.media.conftest import SAMPLES, World, refused
from tests.integration.media.test_hostile import derived
from tests.support.client import Client, signed_in, uuid7
from tests.support.company import found
from tests.support.minio import Minio
from tests.support.postgres import Postgres
from tests.support.server import Server


@pytest.fixture(scope="module")
def phone(world: World) -> Iterator[Client]:
    with world.client("inspector") as made:
        yield made


@pytest.fixture(scope="module")
def content() -> bytes:
    packed = io.BytesIO()
    Image.frombytes("RGB", (80, 60), secrets.token_bytes(80 * 60 * 3)).save(packed, "JPEG")
    return packed.getvalue()


@pytest.fixture(scope="module")
def address(phone: Client, content: bytes) -> str:
    sha256 = phone.upload(content)
    assert derived(phone, sha256)["derived"] == "done"
    return f"/api/v1/photos/{sha256}"


def by_hand(world: World, work: Callable[[Parts], Awaitable[None]]) -> None:
    """Something done by the program's own parts on the server's database and stores."""

    async def run() -> None:
        parts = build(load(world.server.env))
        try:
            await work(parts)
        finally:
            parts.passwords.close()
            await parts.media.close()
            await parts.db.close()

    asyncio.run(run())


@pytest.mark.parametrize("view", ["original", "w320", "w1600", "thermal", "facts"])
def test_a_stranger_learns_nothing_not_even_that_the_photo_exists(
    world: World, address: str, view: str
) -> None:
    unknown = f"/api/v1/photos/{secrets.token_hex(32)}"
    with world.client("crew2") as stranger:
        answers = [stranger.http.get(f"{place}/{view}") for place in (address, unknown)]
        for answer in answers:
            refused(answer, 404, "photo_unknown")
        assert answers[0].content == answers[1].content
    with Client(world.server.url) as nobody:
        refused(nobody.http.get(f"{address}/{view}"), 401, "session_expired")


def test_a_photo_in_a_draft_is_its_authors_alone(world: World, content: bytes, address: str) -> None:
    with world.client("manager") as manager, world.client("crew") as near, world.client("crew2") as far:
        assert near.http.get(f"{address}/w320").status_code == 404
        manager.upload(content)
        body = {"unit": manager.unit, "photos": [manager.photo(content)]}
        id_ = uuid7()
        manager.applied(manager.put("infrared", id_, body))
        assert near.http.get(f"{address}/w320").status_code == 404
        assert far.http.get(f"{address}/original").status_code == 404


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=100-", 100, None),
        ("bytes=-50", -50, None),
        ("bytes=0-0", 0, 0),
        ("bytes=10-99999999", 10, None),
        ("bytes=-99999999", 0, None),
    ],
)
def test_a_range_of_the_original(
    phone: Client, content: bytes, address: str, asked: str, start: int, end: int | None
) -> None:
    answer = phone.http.get(f"{address}/original", headers={"Range": asked})
    assert answer.status_code == 206
    wanted = content[start:] if end is None else content[start : end + 1]
    first = start % len(content)
    assert answer.content == wanted
    assert answer.headers["content-range"] == f"bytes {first}-{first + len(wanted) - 1}/{len(content)}"
    assert answer.headers["content-length"] == str(len(wanted))


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=5-4", "bytes=-0"])
def test_a_range_outside_is_416_with_the_size(
    phone: Client, content: bytes, address: str, asked: str
) -> None:
    answer = phone.http.get(f"{address}/original", headers={"Range": asked})
    refused(answer, 416, "range")
    assert answer.headers["content-range"] == f"bytes */{len(content)}"


@pytest.mark.parametrize("asked", ["bytes=0-1,4-5", "items=0-1", "bytes=a-b", "bytes=-"])
def test_a_range_that_is_not_understood_gives_the_whole(
    phone: Client, content: bytes, address: str, asked: str
) -> None:
    answer = phone.http.get(f"{address}/original", headers={"Range": asked})
    assert (answer.status_code, answer.content) == (200, content)


def test_a_range_of_something_else_gives_the_whole(phone: Client, content: bytes, address: str) -> None:
    headers = {"Range": "bytes=0-9", "If-Range": '"another"'}
    assert phone.http.get(f"{address}/original", headers=headers).content == content


def test_the_original_may_be_kept_for_good(phone: Client, content: bytes, address: str) -> None:
    answer = phone.http.get(f"{address}/original")
    assert answer.headers["etag"] == f'"{hashlib.sha256(content).hexdigest()}"'
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    again = phone.http.get(f"{address}/original", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_view_made_anew_is_fetched_anew(world: World, phone: Client, content: bytes, address: str) -> None:
    before = phone.http.get(f"{address}/w320")
    assert before.headers["cache-control"] == "private, max-age=600", "asked for again after a while"
    known = {"If-None-Match": before.headers["etag"]}
    assert phone.http.get(f"{address}/w320", headers=known).status_code == 304
    sha256 = hashlib.sha256(content).hexdigest()

    async def again(parts: Parts) -> None:
        await parts.media.derive(world.company.org, sha256)

    by_hand(world, again)
    same = phone.http.get(f"{address}/w320", headers=known)
    assert same.status_code == 304, "the same derivation gives the same bytes"

    async def otherwise(parts: Parts) -> None:
        """As a later version would: other bytes out of the same original."""
        derive = parts.media._sandbox.derive

        async def smaller(source, out):  # type: ignore[no-untyped-def]
            facts = await derive(source, out)
            Image.new("RGB", (32, 24), "red").save(out / "w320.webp", "WEBP")
            return facts

        parts.media._sandbox.derive = smaller  # type: ignore[method-assign]
        await parts.media.derive(world.company.org, sha256)

    by_hand(world, otherwise)
    after = phone.http.get(f"{address}/w320", headers=known)
    assert after.status_code == 200
    assert after.content != before.content
    assert after.headers["etag"] != before.headers["etag"]


SHOWN = {"Sec-Fetch-Dest": "image", "Sec-Fetch-Site": "same-origin"}
RECORDED = SAMPLES / "recordings"


@pytest.mark.parametrize(("name", "kind"), [("voice.webm", "audio/webm"), ("video.mp4", "video/mp4")])
def test_a_recording_is_stored_as_it_came_and_says_that_it_has_no_picture(
    phone: Client, name: str, kind: str
) -> None:
    content = (RECORDED / name).read_bytes()
    sha256 = phone.upload(content)
    facts = derived(phone, sha256)
    assert (facts["type"], facts["derived"], facts["reason"]) == (kind, "done", "recording")
    place = f"/api/v1/photos/{sha256}"
    part = phone.http.get(f"{place}/original", headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.headers["content-type"]) == (206, kind)
    assert part.content == content[100:200]
    assert refused(phone.http.get(f"{place}/w320"), 404, "view_missing")["reason"] == "recording"


def played_from_the_store(mine: Client, outside: str) -> None:
    sha256 = mine.upload(RECORDED / "voice.webm", "audio/webm")
    answer = mine.http.get(f"/api/v1/photos/{sha256}/original", headers={**SHOWN, "Sec-Fetch-Dest": "audio"})
    assert answer.status_code == 307
    assert f"media-src 'self' {outside} blob:" in answer.headers["content-security-policy"]
    part = httpx.get(answer.headers["location"], headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.headers["content-type"]) == (206, "audio/webm")


def test_a_browser_that_shows_an_original_is_sent_to_the_store_and_only_after_its_rights_were_asked(
    minio: Minio, postgres: Postgres, tmp_path: Path, content: bytes
) -> None:
    bucket, outside = minio.fresh(), f"http://{minio.endpoint}"
    env = {**bucket.env, "MINGCHA_STORE_URL": f"{bucket.url}&reads={outside}"}
    server = Server(tmp_path, {**env, "MINGCHA_DATABASE_URL": postgres.fresh()}).prepare()
    asyncio.run(found(server.env))
    server.start()
    try:
        with signed_in(server.url, "inspector") as mine, signed_in(server.url, "crew2") as stranger:
            sha256 = mine.upload(content)
            place = f"/api/v1/photos/{sha256}/original"
            sent_on = mine.http.get(place, headers=SHOWN)
            assert sent_on.status_code == 307
            assert sent_on.headers["cache-control"] == "no-store"
            assert sent_on.headers["referrer-policy"] == "no-referrer"
            assert sent_on.headers["location"].startswith(f"{outside}/")
            assert f"img-src 'self' {outside} blob:" in sent_on.headers["content-security-policy"]
            assert "sha256" not in sent_on.text
            assert httpx.get(sent_on.headers["location"]).content == content
            # A program of the page, and whoever is no browser, is answered by the server itself.
            for headers in ({}, {"Sec-Fetch-Dest": "empty"}):
                assert mine.http.get(place, headers=headers).content == content
            assert derived(mine, sha256)["derived"] == "done"
            assert mine.http.get(place.replace("original", "w320"), headers=SHOWN).status_code == 200
            played_from_the_store(mine, outside)
            for other in (place, f"/api/v1/photos/{secrets.token_hex(32)}/original"):
                answer = stranger.http.get(other, headers=SHOWN)
                refused(answer, 404, "photo_unknown")
                assert "location" not in answer.headers
            with Client(server.url) as nobody:
                refused(nobody.http.get(place, headers=SHOWN), 401, "session_expired")
    finally:
        server.kill()


def test_without_such_a_store_pictures_come_from_the_server_alone(phone: Client, address: str) -> None:
    answer = phone.http.get(f"{address}/original", headers=SHOWN)
    assert answer.status_code == 200
    assert "img-src 'self' blob: data:;" in answer.headers["content-security-policy"]
