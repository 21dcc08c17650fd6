"""The photo store is stopped, slow, narrow, cut and reset again and again: 503 with a time, then all goes on by itself.

MinIO with PostgreSQL, toxiproxy between the server and MinIO; the server is never started again. After every trouble
each phone gets a photo through before the next one comes.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from tests.fault import uploads
from tests.prove import Figure
from tests.support.company import found
from tests.support.minio import Minio
from tests.support.postgres import Postgres
from tests.support.server import Server
from tests.support.toxiproxy import Toxiproxy

GROUP = "media"
ROUNDS = 20
SEED = 20261126


def prove(folder: Path) -> Iterator[Figure]:
    cluster, minio = Postgres(), Minio()
    line = Toxiproxy(minio.endpoint)
    server: Server | None = None
    try:
        address = cluster.start().fresh()
        bucket = minio.start().fresh()
        line.start()
        through = bucket.url.replace(minio.endpoint, line.endpoint)
        env = {**bucket.env, "MINGCHA_STORE_URL": through, "MINGCHA_DATABASE_URL": address}
        server = Server(folder / "data", {"MINGCHA_LOG_LEVEL": "error", **env}).prepare()
        asyncio.run(found(server.env))
        tally = uploads.store_faults(server.start(), line, rounds=ROUNDS, seed=SEED, limit_s=3600)
        running, tally.doubled = server.running, uploads.doubled(server.env)
        left = uploads.left(server.env)
    finally:
        if server is not None:
            server.kill()
        line.stop()
        minio.stop()
        cluster.stop()
    troubles = ROUNDS * len(uploads.STORE_TROUBLE)
    yield Figure("troubles", troubles, at_least=100)
    yield Figure("photos stored", tally.stored, at_least=troubles)
    yield Figure("told to come again", tally.refused.total(), at_least=ROUNDS)
    yield Figure("told so without a time", tally.unsaid, at_most=0)
    yield Figure("answers that no phone should get", tally.broken.total(), at_most=0)
    yield Figure("acknowledged bytes forgotten", tally.forgotten, at_most=0)
    yield Figure("said to be stored and not byte-equal", tally.damaged, at_most=0)
    yield Figure("copies beside the one photo", tally.doubled, at_most=0)
    yield Figure("left over in staging", left, at_most=0)
    yield Figure("servers that had to be started again", int(not running), at_most=0)
