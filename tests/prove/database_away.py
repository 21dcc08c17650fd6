"""PostgreSQL stops without a word (`-m immediate`) 40 times while phones push and pull: nothing lost, no 500.

The server is never started again. While the database is away, phones are told when to come again.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from tests.fault import away
from tests.prove import Figure
from tests.support.company import found
from tests.support.postgres import Postgres
from tests.support.server import Server

GROUP = "sync"
STOPS = 40
SEED = 20261124


def prove(folder: Path) -> Iterator[Figure]:
    cluster = Postgres()
    try:
        env = {"MINGCHA_LOG_LEVEL": "error", "MINGCHA_DATABASE_URL": cluster.start().fresh()}
        server = Server(folder / "data", env).prepare()
        asyncio.run(found(server.env))
        try:
            pid, outcome = server.start().pid, away.stops(cluster, server, rounds=STOPS, seed=SEED, phones=4)
            yield Figure("the same process serves on", server.running and server.pid == pid, at_least=1)
        finally:
            server.kill()
    finally:
        cluster.stop()
    yield Figure("pushes answered", outcome.pushes, at_least=STOPS)
    yield Figure("told to come again", outcome.refused.total(), at_least=STOPS)
    yield Figure("told so without a time", outcome.unsaid, at_most=0)
    yield Figure("answers that no phone should get", outcome.broken.total(), at_most=0)
    yield Figure("acknowledged operations lost", outcome.lost, at_most=0)
    yield Figure("operations doubled", outcome.doubled + outcome.answered_otherwise, at_most=0)
