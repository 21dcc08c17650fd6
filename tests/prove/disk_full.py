"""The disk is full again and again while a phone pushes: 507 or 503 with a time, and nothing lost or half-written.

SQLite on a small file system of its own, then PostgreSQL's data folder on one. The server is never started again.
As root, who may mount.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from tests.fault import full
from tests.fault.phones import Outcome
from tests.prove import Figure
from tests.support.company import found
from tests.support.disk import SmallDisk
from tests.support.postgres import Postgres
from tests.support.server import Server

GROUP = "sync"
ROUNDS = 10
SEED = 20261124
MB = 2**20


def prove(folder: Path) -> Iterator[Figure]:
    with SmallDisk(24 * MB) as disk:
        env = {"MINGCHA_STORE_URL": f"file://{folder / 'photos'}"}
        server = Server(disk.folder / "data", {"MINGCHA_LOG_LEVEL": "error", **env}).prepare()
        asyncio.run(found(server.env))
        try:
            outcome = full.fills(server.start(), disk, rounds=ROUNDS, leave=300_000, seed=SEED)
        finally:
            server.kill()
    yield from _figures("sqlite", outcome)
    with SmallDisk(128 * MB) as disk:
        cluster = Postgres(disk.folder)
        try:
            address = cluster.start().fresh()
            server = Server(folder / "data", {"MINGCHA_LOG_LEVEL": "error", "MINGCHA_DATABASE_URL": address})
            server.prepare()
            asyncio.run(found(server.env))

            def mend() -> None:
                """PostgreSQL gives up when it cannot even recover."""
                if not cluster.running:
                    cluster.start()

            try:
                outcome = full.fills(server.start(), disk, rounds=ROUNDS, leave=2 * MB, seed=SEED, mend=mend)
            finally:
                server.kill()
        finally:
            cluster.stop()
    yield from _figures("postgresql", outcome)


def _figures(name: str, outcome: Outcome) -> Iterator[Figure]:
    yield Figure(f"{name}: times full", ROUNDS, at_least=ROUNDS)
    yield Figure(f"{name}: told to come again", outcome.refused.total(), at_least=ROUNDS * full.REFUSALS)
    yield Figure(f"{name}: told so without a time", outcome.unsaid, at_most=0)
    yield Figure(f"{name}: answers that no phone should get", outcome.broken.total(), at_most=0)
    yield Figure(f"{name}: acknowledged operations lost", outcome.lost, at_most=0)
    yield Figure(f"{name}: operations doubled", outcome.doubled + outcome.answered_otherwise, at_most=0)
