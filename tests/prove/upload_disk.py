"""The disk of staged uploads, then that of the store, is full again and again: 507 with a time, and nothing is lost.

On SQLite and files, on PostgreSQL and MinIO: each time on a small file system of its own, as root, who may mount. The
server is never started again.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from tests.fault import uploads
from tests.prove import Figure
from tests.support.company import found
from tests.support.databases import on_each_pair
from tests.support.disk import SmallDisk
from tests.support.minio import Minio
from tests.support.server import Server

GROUP = "media"
ROUNDS = 25
SEED = 20261126
MB = 2**20


def prove(folder: Path) -> Iterator[Figure]:
    for place in (_staging, _store):
        yield from on_each_pair(folder / place.__name__, place)


def _staging(name: str, folder: Path, env: dict[str, str]) -> Iterator[Figure]:
    with SmallDisk(64 * MB) as disk:
        here = {"MINGCHA_STAGING_DIR": str(disk.folder / "here")}
        yield from _figures(f"{name}, staging", folder, env | here, disk)


def _store(name: str, folder: Path, env: dict[str, str]) -> Iterator[Figure]:
    with SmallDisk(128 * MB) as disk:
        if "minio" not in name:
            here = {"MINGCHA_STORE_URL": f"file://{disk.folder / 'here'}"}
            yield from _figures(f"{name}, store", folder, env | here, disk)
            return
        minio = Minio(disk.folder)
        try:
            here = minio.start().fresh().env
            yield from _figures(f"{name}, store", folder, env | here, disk, leave=(0,))
        finally:
            minio.stop()


def _figures(
    name: str, folder: Path, env: dict[str, str], disk: SmallDisk, leave: tuple[int, ...] = uploads.LEAVE
) -> Iterator[Figure]:
    server = Server(folder, {"MINGCHA_LOG_LEVEL": "error", **env}).prepare()
    asyncio.run(found(server.env))
    try:
        tally = uploads.full_disk(server.start(), disk, rounds=ROUNDS, seed=SEED, limit_s=3600, leave=leave)
        running, tally.doubled, left = server.running, uploads.doubled(server.env), uploads.left(server.env)
    finally:
        server.kill()
    yield Figure(f"{name}: times full", ROUNDS, at_least=ROUNDS)
    yield Figure(f"{name}: photos stored", tally.stored, at_least=ROUNDS)
    yield Figure(f"{name}: told to come again", tally.refused.total(), at_least=ROUNDS)
    yield Figure(f"{name}: told so without a time", tally.unsaid, at_most=0)
    yield Figure(f"{name}: answers that no phone should get", tally.broken.total(), at_most=0)
    yield Figure(f"{name}: acknowledged bytes forgotten", tally.forgotten, at_most=0)
    yield Figure(f"{name}: said to be stored and not byte-equal", tally.damaged, at_most=0)
    yield Figure(f"{name}: copies beside the one photo", tally.doubled, at_most=0)
    yield Figure(f"{name}: half-written or left in staging", left, at_most=0)
    yield Figure(f"{name}: servers that had to be started again", int(not running), at_most=0)
