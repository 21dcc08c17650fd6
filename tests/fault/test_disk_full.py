"""The server's disk is full: phones are told so and keep what they have; with room again all goes on by itself."""

import asyncio
import os
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fault import full, uploads
from tests.support.client import signed_in, uuid7
from tests.support.company import found
from tests.support.disk import SmallDisk, may_mount
from tests.support.minio import Minio
from tests.support.postgres import Postgres
from tests.support.server import ROOT, Server, mingcha

SEED = int(os.environ.get("SEED", "20261124"))
MB = 2**20
TUS = {"Tus-Resumable": "1.0.0"}

pytestmark = pytest.mark.skipif(not may_mount(), reason="only root may mount a small disk")


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    with SmallDisk(8 * MB) as made:
        yield made


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Starts a server with a small company; all are killed in the end."""
    started: list[Server] = []

    def make(folder: Path, **env: str) -> Server:
        server = Server(folder, {"MINGCHA_LOG_LEVEL": "warning", **env}).prepare()
        asyncio.run(found(server.env))
        started.append(server)
        return server.start()

    yield make
    for server in started:
        server.kill()


@pytest.mark.timeout(120)
def test_a_push_into_a_full_database_is_refused_whole_and_goes_on_with_room_again(
    disk: SmallDisk, serve: Callable[..., Server], tmp_path: Path
) -> None:
    server = serve(disk.folder / "data", MINGCHA_STORE_URL=f"file://{tmp_path / 'photos'}")
    outcome = full.fills(server, disk, rounds=1, leave=300_000, seed=SEED)
    assert server.running
    assert not outcome.faults, f"{outcome}\n{server.log_tail()}"
    assert outcome.refused[507, "storage_full"] >= full.REFUSALS, outcome


@pytest.mark.timeout(120)
def test_a_full_database_is_still_read_and_outlives_a_kill(
    disk: SmallDisk, serve: Callable[..., Server], tmp_path: Path
) -> None:
    server = serve(disk.folder / "data", MINGCHA_STORE_URL=f"file://{tmp_path / 'photos'}")
    with signed_in(server.url, "inspector") as client:
        client.applied(client.put("finding", uuid7(), {"unit": client.unit, "fact": "kept"}))
        disk.fill()
        ops = [client.put("finding", uuid7(), {"unit": client.unit, "fact": "x" * 1000}) for _ in range(400)]
        assert client.send(*ops).status_code == 507
        assert "kept" in {r["data"].get("fact") for r in client.records("finding").values()}
        server.kill()
        server.start()
        assert "kept" in {r["data"].get("fact") for r in client.records("finding").values()}
        assert client.send(*ops).status_code == 507
        disk.room()
        client.applied(*ops)
        assert len(client.records("finding")) == 401


@pytest.mark.timeout(120)
@pytest.mark.parametrize("place_of", ["MINGCHA_STAGING_DIR", "MINGCHA_STORE_URL"])
def test_an_upload_waits_for_room_and_goes_on_where_it_stood(
    disk: SmallDisk, serve: Callable[..., Server], tmp_path: Path, place_of: str
) -> None:
    place = disk.folder / "here"
    server = serve(tmp_path / "data", **{place_of: f"file://{place}" if "STORE" in place_of else str(place)})
    photo = b"\xff\xd8\xff\xe0" + random.Random(SEED).randbytes(2 * MB) + b"\xff\xd9"
    with signed_in(server.url, "inspector") as client:
        disk.fill(leave=MB)
        location = client.create_upload(photo).headers["Location"]
        offset, refused = 0, 0
        while offset < len(photo):
            answer = client.patch(location, offset, photo[offset : offset + 300_000])
            while answer.status_code == 507:
                refused += 1
                assert answer.request.method == "HEAD" or answer.json()["code"] == "storage_full"
                assert answer.headers["retry-after"].isdigit()
                if refused == 3:
                    disk.room()
                answer = client.http.head(location, headers=TUS)  # whole, but not in the store: 507 again
            assert answer.is_success, answer.text
            assert int(answer.headers["Upload-Offset"]) >= offset, "acknowledged bytes were lost"
            offset = int(answer.headers["Upload-Offset"])
        assert refused >= 3
        sha256 = client.photo(photo)["sha256"]
        assert client.http.get(f"/api/v1/photos/{sha256}/original").content == photo
        strays = [path for path in disk.folder.rglob(".*") if path.is_file()]
        assert not strays, "half-written files are left"


@pytest.mark.timeout(120)
def test_a_server_whose_log_can_no_longer_be_written_goes_on_working(
    disk: SmallDisk, serve: Callable[..., Server], tmp_path: Path
) -> None:
    server = serve(tmp_path / "data", MINGCHA_LOG_LEVEL="debug")
    server.kill()
    server.log = disk.folder / "server.log"
    server.start()
    with signed_in(server.url, "inspector") as client:
        disk.fill()
        for _ in range(30):
            client.applied(client.put("finding", uuid7(), {"unit": client.unit}))
        assert client.http.get("/healthz").status_code == 200


@pytest.mark.timeout(120)
def test_a_server_whose_log_has_no_reader_any_more_goes_on_working(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", {"MINGCHA_LOG_LEVEL": "debug"}).prepare()
    asyncio.run(found(server.env))
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [*mingcha(), "serve"], env=server.env, cwd=ROOT, stdout=writing, stderr=writing
    )
    try:
        os.close(writing)
        until = time.monotonic() + 60
        while not server.ready():
            assert time.monotonic() < until
            time.sleep(0.1)
        os.close(reading)
        with signed_in(server.url, "inspector") as client:
            for _ in range(30):
                client.applied(client.put("finding", uuid7(), {"unit": client.unit}))
        assert process.poll() is None
    finally:
        process.kill()
        process.wait(10)


@pytest.mark.timeout(200)
def test_postgresql_without_room_refuses_and_comes_back(serve: Callable[..., Server], tmp_path: Path) -> None:
    with SmallDisk(110 * MB) as disk:
        cluster = Postgres(disk.folder)
        try:
            cluster.start()
            server = serve(tmp_path / "data", MINGCHA_DATABASE_URL=cluster.fresh())

            def mend() -> None:
                """It gives up when it cannot even recover: its administrator's turn."""
                if not cluster.running:
                    cluster.start()

            outcome = full.fills(server, disk, rounds=1, leave=2 * MB, seed=SEED, mend=mend)
            assert not outcome.faults, f"{outcome}\n{server.log_tail()}"
            assert outcome.refused.total() >= full.REFUSALS, outcome
        finally:
            cluster.stop()


def stored_or_still_on_the_phone(tally: uploads.Tally, server: Server) -> None:
    assert not tally.faults, f"{tally}\n{server.log_tail()}"
    assert tally.refused.total() >= full.REFUSALS, tally
    assert tally.stored >= 1, tally
    assert server.running


@pytest.mark.timeout(300)
def test_photos_wait_for_a_minio_without_room_and_go_on_where_they_stood(
    serve: Callable[..., Server], tmp_path: Path, postgres: Postgres
) -> None:
    with SmallDisk(96 * MB) as disk:
        store = Minio(disk.folder)
        try:
            store.start()
            env = {**store.fresh().env, "MINGCHA_DATABASE_URL": postgres.fresh()}
            server = serve(tmp_path / "data", **env)
            tally = uploads.full_disk(server, disk, rounds=1, seed=SEED, limit_s=200, leave=(0,))
            stored_or_still_on_the_phone(tally, server)
        finally:
            store.stop()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_photos_wait_for_a_database_without_room(
    serve: Callable[..., Server], tmp_path: Path, minio: Minio, kind: str
) -> None:
    size = 110 * MB if kind == "postgresql" else 16 * MB
    with SmallDisk(size) as disk:
        cluster = Postgres(disk.folder) if kind == "postgresql" else None
        place = disk.folder / "data" if cluster is None else tmp_path / "data"
        env = {"MINGCHA_STAGING_DIR": str(tmp_path / "staging")}
        try:
            if cluster is not None:
                cluster.start()
                env |= {**minio.fresh().env, "MINGCHA_DATABASE_URL": cluster.fresh()}
            else:
                env["MINGCHA_STORE_URL"] = f"file://{tmp_path / 'photos'}"
            server = serve(place, **env)

            def mend() -> None:
                """It gives up when it cannot even recover: its administrator's turn."""
                if cluster is not None and not cluster.running:
                    cluster.start()

            tally = uploads.full_disk(server, disk, rounds=1, seed=SEED, limit_s=200, leave=(0,), mend=mend)
            stored_or_still_on_the_phone(tally, server)
        finally:
            if cluster is not None:
                cluster.stop()
