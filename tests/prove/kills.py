"""200 pushes and a kill -9 of the server for each lose no acknowledged operation and double none.

On SQLite and on PostgreSQL. The moment of each kill is random: before the push is read, in its transaction, after
its commit, or after its answer. `cut` counts the requests that were left without an answer. Two servers with a fault
go the same way in tests/fault, and are found.
"""

from collections.abc import Iterator
from pathlib import Path

from tests.fault import kills
from tests.prove import Figure
from tests.support.postgres import Postgres
from tests.support.server import Server

GROUP = "sync"
PUSHES = 200
SEED = 20261124


def prove(folder: Path) -> Iterator[Figure]:
    yield from _figures("sqlite", folder / "sqlite", {})
    cluster = Postgres()
    try:
        address = cluster.start().fresh()
        yield from _figures("postgresql", folder / "postgresql", {"MINGCHA_DATABASE_URL": address})
    finally:
        cluster.stop()


def _figures(name: str, folder: Path, env: dict[str, str]) -> Iterator[Figure]:
    server = Server(folder, {"MINGCHA_LOG_LEVEL": "error", **env}).prepare(demo=True).start()
    try:
        outcome = kills.run(server, pushes=PUSHES, seed=SEED, limit_s=1800)
    finally:
        server.kill()
    yield Figure(f"{name}: pushes", outcome.pushes, at_least=PUSHES)
    yield Figure(f"{name}: kills", outcome.kills, at_least=PUSHES)
    yield Figure(f"{name}: requests cut without an answer", outcome.cut, at_least=PUSHES / 8)
    yield Figure(f"{name}: operations acknowledged", outcome.acknowledged, at_least=2 * PUSHES)
    yield Figure(f"{name}: acknowledged operations lost", outcome.lost, at_most=0)
    yield Figure(f"{name}: operations doubled", outcome.doubled, at_most=0)
    yield Figure(f"{name}: answered otherwise the second time", outcome.answered_otherwise, at_most=0)
