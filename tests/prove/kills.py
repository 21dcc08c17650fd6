"""500 kills -9 of a server in the middle of pushes lose no acknowledged operation and double none.

On SQLite and on PostgreSQL. Four phones push batches of 2 to 400 operations to two servers on one database; one
server after the other is killed at a random moment: before a push is read, in its transaction, after its commit, or
after its answer. A phone that was cut sends the same to the other server. `cut` counts the requests that were left
without an answer. Two servers with a fault go the same way in tests/fault, and are found.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from tests.fault import kills
from tests.prove import Figure
from tests.support.company import found
from tests.support.databases import on_each
from tests.support.server import Server

GROUP = "sync"

KILLS = 500
SEED = 20261124


def prove(folder: Path) -> Iterator[Figure]:
    return on_each(folder, _figures)


def _figures(name: str, folder: Path, env: dict[str, str]) -> Iterator[Figure]:
    prepared = Server(folder, {"MINGCHA_LOG_LEVEL": "error", **env}).prepare()
    asyncio.run(found(prepared.env))
    with prepared.others() as servers:
        outcome, count = kills.run(servers, kills=KILLS, seed=SEED, limit_s=3600, login="inspector")
    yield Figure(f"{name}: kills", count, at_least=KILLS)
    yield Figure(f"{name}: pushes", outcome.pushes, at_least=KILLS)
    yield Figure(f"{name}: requests cut without an answer", outcome.cut, at_least=KILLS / 8)
    yield Figure(f"{name}: operations acknowledged", outcome.acknowledged, at_least=2 * KILLS)
    yield Figure(f"{name}: acknowledged operations lost", outcome.lost, at_most=0)
    yield Figure(f"{name}: operations doubled", outcome.doubled, at_most=0)
    yield Figure(f"{name}: answered otherwise the second time", outcome.answered_otherwise, at_most=0)
    yield Figure(
        f"{name}: answers that no phone should get", outcome.broken.total() + outcome.unsaid, at_most=0
    )
