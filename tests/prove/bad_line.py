"""Phones push and pull through a line that cuts, truncates, stalls and slows: nothing is lost, nothing doubled.

On SQLite and on PostgreSQL. Two of three connections have a fault: the answer is lost after the commit, the request
or the answer is cut anywhere, one side is closed, or bytes drip.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from tests.fault import line
from tests.prove import Figure
from tests.support.company import found
from tests.support.databases import on_each
from tests.support.server import Server

GROUP = "sync"
PUSHES = 100
PHONES = 4
SEED = 20261124


def prove(folder: Path) -> Iterator[Figure]:
    return on_each(folder, _figures)


def _figures(name: str, folder: Path, env: dict[str, str]) -> Iterator[Figure]:
    server = Server(folder, {"MINGCHA_LOG_LEVEL": "error", **env}).prepare()
    asyncio.run(found(server.env))
    try:
        outcome, connections = line.run(server.start(), pushes=PUSHES, seed=SEED, limit_s=1800, phones=PHONES)
    finally:
        server.kill()
    yield Figure(f"{name}: connections", connections, at_least=2 * PUSHES * PHONES)
    yield Figure(f"{name}: requests left without an answer", outcome.cut, at_least=PUSHES)
    yield Figure(f"{name}: operations acknowledged", outcome.acknowledged, at_least=2 * PUSHES * PHONES)
    yield Figure(f"{name}: acknowledged operations lost", outcome.lost, at_most=0)
    yield Figure(f"{name}: operations doubled", outcome.doubled + outcome.answered_otherwise, at_most=0)
    yield Figure(
        f"{name}: answers that no phone should get", outcome.broken.total() + outcome.unsaid, at_most=0
    )
