"""Uploads outlive kills, a bad store and a full disk: the short, seeded runs of what `make prove ONLY=media` plays."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

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
        assert uploads.twice(prepared.env, prepared.folder) == 0
    assert not tally.faults, tally
    assert count == 8
    assert tally.cut >= 4
    assert asyncio.run(uploads.left_after_the_sweep(prepared.env, prepared.folder)) == 0


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
        assert uploads.twice(server.env, server.folder) == 0
    finally:
        server.kill()
    assert not tally.faults, f"{tally}\n{server.log_tail()}"
    assert tally.refused[503, "store_unavailable"] >= 3, tally
    assert set(tally.refused) <= {(503, "store_unavailable"), (503, "")}, tally  # HEAD has no words
    assert uploads.left_in(server.folder / "staging") == 0


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
            assert uploads.twice(server.env, server.folder) == 0
        finally:
            server.kill()
    assert not tally.faults, f"{tally}\n{server.log_tail()}"
    assert tally.refused[507, "storage_full"] >= 1, tally
    assert set(tally.refused) <= {(507, "storage_full"), (507, "")}, tally


def test_a_power_cut_takes_no_byte_that_was_acknowledged(tmp_path: Path) -> None:
    tally = upload_mutants.whole(tmp_path)
    assert not tally.faults, tally
    assert tally.stored >= 3, tally
    assert tally.cut >= 4, tally


def test_a_server_that_acknowledges_before_the_flush_is_found_out(tmp_path: Path) -> None:
    name = upload_mutants.acknowledges_before_the_flush.__name__
    assert "forgotten" in upload_mutants.faults_of(name, tmp_path)
