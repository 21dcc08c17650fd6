"""The disk of staged uploads, then that of the store, is full again and again: 507 with a time, and nothing is lost.

On a small file system of its own, as root, who may mount. The server is never started again.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from tests.fault import uploads
from tests.prove import Figure
from tests.support.company import found
from tests.support.disk import SmallDisk
from tests.support.server import Server

GROUP = "media"
ROUNDS = 25
SEED = 20261126
MB = 2**20


def prove(folder: Path) -> Iterator[Figure]:
    for name, setting in (("staging", "MINGCHA_STAGING_DIR"), ("store", "MINGCHA_STORE_URL")):
        with SmallDisk(64 * MB) as disk:
            place = disk.folder / "here"
            env = {setting: f"file://{place}" if name == "store" else str(place)}
            server = Server(folder / name, {"MINGCHA_LOG_LEVEL": "error", **env}).prepare()
            asyncio.run(found(server.env))
            try:
                tally = uploads.full_disk(server.start(), disk, rounds=ROUNDS, seed=SEED, limit_s=3600)
                running, half = server.running, uploads.twice(server.env, server.folder)
            finally:
                server.kill()
        yield Figure(f"{name}: times full", ROUNDS, at_least=ROUNDS)
        yield Figure(f"{name}: photos stored", tally.stored, at_least=ROUNDS)
        yield Figure(f"{name}: told to come again", tally.refused.total(), at_least=ROUNDS)
        yield Figure(f"{name}: told so without a time", tally.unsaid, at_most=0)
        yield Figure(f"{name}: answers that no phone should get", tally.broken.total(), at_most=0)
        yield Figure(f"{name}: acknowledged bytes forgotten", tally.forgotten, at_most=0)
        yield Figure(f"{name}: said to be stored and not byte-equal", tally.damaged, at_most=0)
        yield Figure(f"{name}: half-written files", half, at_most=0)
        yield Figure(f"{name}: servers that had to be started again", int(not running), at_most=0)
