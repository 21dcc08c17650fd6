"""Uploads outlive kills, a bad store and a full disk: the short, seeded runs of what `make prove ONLY=media` plays."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.settings import load
from media.stores import open_stores
from tests.conftest import Pair
from tests.fault import upload_mutants, uploads
from tests.support.company import found
from tests.support.disk import SmallDisk, may_mount
from tests.support.minio import Bucket, Minio
from tests.support.server import Server
from tests.support.toxiproxy import Toxiproxy

SEED = int(os.environ.get("SEED", "20261126"))
MB = 2**20

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def line(minio: Minio) -> Iterator[Toxiproxy]:
    proxy = Toxiproxy(minio.endpoint)
    try:
        yield proxy.start()
    finally:
        proxy.stop()


def through(line: Toxiproxy, minio: Minio, bucket: Bucket) -> dict[str, str]:
    return {**bucket.env, "MINGCHA_STORE_URL": bucket.url.replace(minio.endpoint, line.endpoint)}


def test_killed_servers_lose_no_photo_and_store_none_twice(backend_pair: Pair) -> None:
    prepared = backend_pair.server(MINGCHA_LOG_LEVEL="error").prepare()
    asyncio.run(found(prepared.env))
    with prepared.others() as servers:
        tally, count = uploads.kills(servers, kills=8, seed=SEED, limit_s=600)
    uploads.sweep(prepared.env)
    tally.doubled = uploads.doubled(prepared.env)
    assert not tally.faults, tally
    assert uploads.left(prepared.env) == 0
    assert count == 8
    assert tally.cut >= 4


def test_a_store_that_is_stopped_slow_or_cut_costs_no_photo_and_no_restart(
    tmp_path: Path, minio: Minio, line: Toxiproxy
) -> None:
    env = through(line, minio, minio.fresh())
    server = Server(tmp_path / "data", {"MINGCHA_LOG_LEVEL": "warning", **env}).prepare()
    asyncio.run(found(server.env))
    try:
        server.start()
        tally = uploads.store_faults(server, line, rounds=1, seed=SEED, limit_s=600)
        assert server.running
        tally.doubled = uploads.doubled(server.env)
    finally:
        server.kill()
    assert not tally.faults, f"{tally}\n{server.log_tail()}"
    assert tally.refused[503, "store_unavailable"] >= 3, tally
    assert set(tally.refused) <= {(503, "store_unavailable"), (503, "")}, tally  # HEAD has no words
    assert uploads.left(server.env) == 0


@pytest.mark.skipif(not may_mount(), reason="only root may mount a small disk")
@pytest.mark.parametrize("place_of", ["MINGCHA_STAGING_DIR", "MINGCHA_STORE_URL"])
def test_a_disk_that_is_full_again_and_again_costs_no_photo_and_no_restart(
    tmp_path: Path, place_of: str
) -> None:
    with SmallDisk(24 * MB) as disk:
        place = disk.folder / "here"
        env = {place_of: f"file://{place}" if "STORE" in place_of else str(place)}
        server = Server(tmp_path / "data", {"MINGCHA_LOG_LEVEL": "warning", **env}).prepare()
        asyncio.run(found(server.env))
        try:
            server.start()
            tally = uploads.full_disk(server, disk, rounds=2, seed=SEED, limit_s=600)
            assert server.running
            tally.doubled = uploads.doubled(server.env)
            assert uploads.left(server.env) == 0
        finally:
            server.kill()
    assert not tally.faults, f"{tally}\n{server.log_tail()}"
    assert tally.refused[507, "storage_full"] >= 1, tally
    assert set(tally.refused) <= {(507, "storage_full"), (507, "")}, tally


def test_a_copy_of_a_photo_is_counted_wherever_it_lies(backend_pair: Pair) -> None:
    env, photos = backend_pair.server().env, [b"\xff\xd8 one", b"\xff\xd8 another"]
    settings = load(env)

    async def put(*names: str) -> None:
        stores = open_stores(
            settings.store, access_key=settings.store_access_key, secret_key=settings.store_secret_key
        )
        try:
            await stores.originals.prepare()
            for name, photo in zip(names, photos, strict=True):
                await stores.originals.put(f"org/{name}", photo, "image/jpeg")
        finally:
            await stores.originals.close()

    asyncio.run(put("a/one", "b/another"))
    assert uploads.doubled(env) == 0
    asyncio.run(put("b/one", "b/another"))  # in a bucket also another version under the same name
    assert uploads.doubled(env) == (2 if "minio" in backend_pair.name else 1)
    settings.staging.mkdir(parents=True)
    (settings.staging / "finished.part").write_bytes(photos[1])
    assert uploads.doubled(env) == 2


def test_a_power_cut_takes_no_byte_that_was_acknowledged(tmp_path: Path) -> None:
    tally = upload_mutants.whole(tmp_path)
    assert not tally.faults, tally
    assert tally.stored >= 3, tally
    assert tally.cut >= 4, tally


def test_a_server_that_acknowledges_before_the_flush_is_found_out(tmp_path: Path) -> None:
    name = upload_mutants.acknowledges_before_the_flush.__name__
    assert "forgotten" in upload_mutants.faults_of(name, tmp_path)
