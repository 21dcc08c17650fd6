"""The short form of `make prove ONLY=load`: fifty phones for twenty seconds against two processes and PostgreSQL."""

from pathlib import Path

from tests.fault import load
from tests.support.postgres import Postgres
from tests.support.server import Server

PHONES = 50
SECONDS = 20


async def test_a_crowd_of_phones_on_two_servers_gets_no_error(postgres: Postgres, tmp_path: Path) -> None:
    env = {"MINGCHA_LOG_LEVEL": "error", "MINGCHA_DATABASE_URL": postgres.fresh()}
    servers = [Server(tmp_path / "first", env).prepare(), Server(tmp_path / "second", env)]
    known = await load.people(servers[0].env, 3, PHONES)
    try:
        for server in servers:
            server.start()
        crowd = await load.run(servers, known, seconds=SECONDS, period_s=2, seed=20261125)
    finally:
        for server in servers:
            server.kill()
    assert crowd.errors == []
    assert crowd.requests["register"] == PHONES
    assert crowd.requests["push"] > 0
    assert (
        crowd.requests["changes"] >= crowd.requests["push"] * load.OPS / 2
    )  # phones read back what they wrote
    assert max(crowd.handles) - crowd.handles[len(crowd.handles) // 2] < PHONES
