"""The company's base map: who reads it, in which pieces, and what a file that is none leads to."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from backend.settings import SettingsError, load
from backend.web.base_map import BaseMap
from tests.conftest import Pair
from tests.support.basemap import county, pmtiles
from tests.support.client import Client, signed_in
from tests.support.company import found
from tests.support.server import Server

FILE = "/api/v1/base-map/file"


@pytest.fixture(scope="module")
def served(
    shared_pair: Pair, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Path, Client]]:
    path = tmp_path_factory.mktemp("map") / "county.pmtiles"
    path.write_bytes(county())
    server = shared_pair.server().prepare()
    server.env |= {"MINGCHA_BASE_MAP": str(path), "MINGCHA_BASE_MAP_DATUM": "gcj02"}
    asyncio.run(found(server.env))
    server.start()
    try:
        with signed_in(server.url, "inspector") as client:
            yield server, path, client
    finally:
        server.kill()


def test_the_map_is_read_in_pieces_and_not_again_while_it_is_the_same(
    served: tuple[Server, Path, Client],
) -> None:
    _, path, client = served
    content = path.read_bytes()
    about = client.http.get("/api/v1/base-map").json()
    assert about["size"] == len(content)
    assert about["datum"] == "gcj02"
    whole = client.http.get(FILE)
    assert whole.status_code == 200
    assert whole.content == content
    assert whole.headers["ETag"] == about["etag"]
    piece = client.http.get(FILE, headers={"Range": "bytes=100-299", "If-Range": about["etag"]})
    assert piece.status_code == 206
    assert piece.content == content[100:300]
    assert piece.headers["Content-Range"] == f"bytes 100-299/{len(content)}"
    assert "Content-Encoding" not in piece.headers
    assert client.http.get(FILE, headers={"Range": "bytes=-50"}).content == content[-50:]
    beyond = client.http.get(FILE, headers={"Range": f"bytes={len(content)}-"})
    assert beyond.status_code == 416
    assert beyond.json()["code"] == "range"
    assert client.http.get(FILE, headers={"If-None-Match": about["etag"]}).status_code == 304


def test_a_piece_of_a_file_that_was_replaced_is_not_mixed_with_the_new_one(
    served: tuple[Server, Path, Client],
) -> None:
    _, path, client = served
    before = client.http.get("/api/v1/base-map").json()
    old = path.read_bytes()
    new = pmtiles({(0, 0, 0): b""})
    try:
        path.with_suffix(".new").write_bytes(new)
        os.replace(path.with_suffix(".new"), path)
        piece = client.http.get(FILE, headers={"Range": "bytes=0-9", "If-Range": before["etag"]})
        assert piece.status_code == 200
        assert piece.content == new
        assert client.http.get("/api/v1/base-map").json()["etag"] != before["etag"]
        path.write_bytes(b"half a file")
        gone = client.http.get(FILE)
        assert gone.status_code == 503
        assert gone.json()["code"] == "unavailable"
    finally:
        path.write_bytes(old)
    assert client.http.get("/api/v1/base-map").json() == before


def test_nobody_reads_it_without_a_sign_in(served: tuple[Server, Path, Client]) -> None:
    server, _, _ = served
    for address in ("/api/v1/base-map", FILE):
        answer = httpx.get(server.url + address, headers={"X-Mingcha": "1"})
        assert answer.status_code == 401
        assert answer.json()["code"] == "session_expired"


def test_a_company_without_a_map_says_so(served: tuple[Server, Path, Client], shared_pair: Pair) -> None:
    plain = shared_pair.server().start()
    try:
        with signed_in(plain.url, "inspector") as inspector:
            assert inspector.http.get("/api/v1/base-map").status_code == 204
            answer = inspector.http.get(FILE)
            assert answer.status_code == 404
            assert answer.headers["Content-Type"].startswith("application/problem+json")
            assert answer.json()["code"] == "not_found"
    finally:
        plain.kill()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file"),
        (b"", "not a PMTiles file"),
        (b"SQLite format 3\0" + bytes(200), "not a PMTiles file"),
        (pmtiles({(0, 0, 0): b""}, version=2), "version 2"),
        (pmtiles({(0, 0, 0): b""}, type_=2), "pictures"),
    ],
)
def test_a_file_that_is_no_map_stops_the_start_and_is_named(
    content: bytes | None, why: str, tmp_path: Path
) -> None:
    path = tmp_path / "county.pmtiles"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match=f"base_map: .*county.pmtiles.*{why}"):
        BaseMap(load({"MINGCHA_BASE_MAP": str(path)})).check()
