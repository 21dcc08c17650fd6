"""1,000 phones of five organisations for ten minutes against two processes and PostgreSQL: no error, no growth.

A phone polls every 10 s (in the field 60 s: six thousand phones' worth) and pushes 20 records every 100 s. Growth
compares the last minute with the second, when all phones have arrived; the slope is that of the last five minutes.
`PHONES` and `LOAD_S` make it smaller for a look.
"""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

from tests.fault import load
from tests.prove import Figure
from tests.support.postgres import Postgres
from tests.support.server import Server, mingcha

GROUP = "sync"
ORGS = 5
PERIOD_S = 10
PUSH_P99_S = 1.0
SEED = 20261125


def prove(folder: Path) -> Iterator[Figure]:
    phones, seconds = int(os.environ.get("PHONES") or 1000), float(os.environ.get("LOAD_S") or 600)
    load.allow_handles()
    cluster = Postgres()
    servers: list[Server] = []
    try:
        env = {"MINGCHA_DATABASE_URL": cluster.start().fresh()}
        servers = [Server(folder / "first", env).prepare(), Server(folder / "second", env)]
        known = asyncio.run(load.people(servers[0].env, ORGS, phones))
        for server in servers:
            server.program = mingcha()  # as it is started in earnest: its memory is looked at
            server.start()
        crowd = asyncio.run(load.run(servers, known, seconds=seconds, period_s=PERIOD_S, seed=SEED))
    finally:
        for server in servers:
            server.kill()
        cluster.stop()
    for error in crowd.errors[:5]:
        print(f"        {error}")
    yield Figure("phones", crowd.requests["register"], at_least=phones)
    yield Figure("requests a second", sum(crowd.requests[k] for k in ("push", "pull")) / seconds, "/s")
    yield Figure("records pushed", crowd.requests["push"] * load.OPS, at_least=1)
    yield Figure("records pulled", crowd.requests["changes"], at_least=1)
    yield Figure("errors", len(crowd.errors), at_most=0)
    yield Figure("push of 20 operations, median", crowd.percentile(crowd.pushes_s, 0.5), "s")
    yield Figure(
        "push of 20 operations, p99", crowd.percentile(crowd.pushes_s, 0.99), "s", at_most=PUSH_P99_S
    )
    yield Figure("poll, p99", crowd.percentile(crowd.polls_s, 0.99), "s")
    yield Figure("memory of both servers at the end", crowd.rss_mb[-1], "MiB")
    yield Figure("memory, last minute over second", crowd.growth(crowd.rss_mb), at_most=1.1)
    yield Figure("memory, slope", crowd.slope_a_minute(crowd.rss_mb), "MiB/min")
    yield Figure("file handles, last minute over second", crowd.growth(crowd.handles), at_most=1.02)
