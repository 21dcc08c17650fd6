"""500 kills -9 of servers in mid-upload: every photo is stored once and byte by byte, or is still on the phone.

On files with SQLite and on MinIO with PostgreSQL. Three phones upload photos of 20 to 300 KB, whole or in pieces, to
two servers on one database, which are killed in turn at random moments: before the first byte, between two pieces, in
the store's put, between it and the row, before the answer. `resumed` counts photos that went on behind acknowledged
bytes.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from tests.fault import uploads
from tests.prove import Figure
from tests.support.company import found
from tests.support.databases import on_each_pair
from tests.support.server import Server

GROUP = "media"
KILLS = 500
SEED = 20261126


def prove(folder: Path) -> Iterator[Figure]:
    return on_each_pair(folder, _figures)


def _figures(name: str, folder: Path, env: dict[str, str]) -> Iterator[Figure]:
    prepared = Server(folder, {"MINGCHA_LOG_LEVEL": "error", **env}).prepare()
    asyncio.run(found(prepared.env))
    with prepared.others() as servers:
        tally, count = uploads.kills(servers, kills=KILLS, seed=SEED, limit_s=5400)
    uploads.sweep(prepared.env)
    tally.doubled, left = uploads.doubled(prepared.env), uploads.left(prepared.env)
    yield Figure(f"{name}: kills", count, at_least=KILLS)
    yield Figure(f"{name}: photos stored", tally.stored, at_least=KILLS)
    yield Figure(f"{name}: requests cut without an answer", tally.cut, at_least=KILLS / 2)
    yield Figure(f"{name}: photos resumed behind acknowledged bytes", tally.resumed, at_least=KILLS / 10)
    yield Figure(f"{name}: acknowledged bytes forgotten", tally.forgotten, at_most=0)
    yield Figure(f"{name}: said to be stored and not byte-equal", tally.damaged, at_most=0)
    yield Figure(f"{name}: copies beside the one photo", tally.doubled, at_most=0)
    yield Figure(f"{name}: left over after the sweep", left, at_most=0)
    yield Figure(f"{name}: answers that no phone should get", tally.broken.total() + tally.unsaid, at_most=0)
