"""The server dies between any two statements of a request: all of it is there or nothing, and the phone goes on.

Here each eighth step is tried; the proof `crash_points` (tests/prove) tries them all.
"""

import asyncio
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.conftest import ENGINES
from tests.fault import crashes
from tests.support.company import found
from tests.support.postgres import Postgres
from tests.support.server import Server

SEED = int(os.environ.get("SEED", "20261124"))
STRIDE = 8


@pytest.fixture(scope="module", params=ENGINES)
def prepared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """An unstarted server with a small company, on each database."""
    env = {"MINGCHA_LOG_LEVEL": "error", "MINGCHA_WORKER": "none"}
    if request.param == "postgresql":
        cluster: Postgres = request.getfixturevalue("postgres")
        env["MINGCHA_DATABASE_URL"] = cluster.fresh()
    folder: Path = tmp_path_factory.mktemp("crash") / "data"
    server = Server(folder, env).prepare()
    asyncio.run(found(server.env))
    return server


@pytest.mark.timeout(300)
@pytest.mark.parametrize("request_of", [crashes.pushes, crashes.photos])
def test_a_request_is_whole_or_absent_wherever_the_server_dies(
    prepared: Server, request_of: Callable[[Server, Iterable[int]], crashes.Walk]
) -> None:
    walk = request_of(prepared, crashes.steps(1 + SEED % STRIDE, STRIDE))
    assert not walk.partly
    assert walk.died >= 2
