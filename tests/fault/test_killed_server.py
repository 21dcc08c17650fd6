"""The server is killed at any moment: what it acknowledged is there, once, and the phone goes on by itself.

The proof `kills` (tests/prove) does the first test's work through 500 kills on each database.
"""

import asyncio
import contextlib
import os
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import Pair
from tests.fault import kills
from tests.fault.mutants import MUTANTS
from tests.support.client import PASSWORD, Client
from tests.support.company import found
from tests.support.server import Server

SEED = int(os.environ.get("SEED", "20261124"))


@pytest.fixture
def server(backend_pair: Pair) -> Iterator[Server]:
    running = backend_pair.server(MINGCHA_LOG_LEVEL="error").prepare(demo=True).start()
    try:
        yield running
    finally:
        running.kill()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with Client(server.url, timeout_s=10) as made:
        yield made


@pytest.mark.timeout(300)
def test_no_acknowledged_operation_is_lost_and_none_is_applied_twice(
    backend_pair: Pair, tmp_path: Path
) -> None:
    prepared = backend_pair.server(MINGCHA_LOG_LEVEL="error").prepare()
    asyncio.run(found(prepared.env))
    with prepared.others() as servers:
        outcome, count = kills.run(servers, kills=8, seed=SEED, limit_s=250, login="inspector")
    assert not outcome.faults, outcome
    assert count == 8
    assert outcome.cut >= 2


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mutant", MUTANTS)
def test_the_same_kills_find_a_server_that_commits_too_late(tmp_path: Path, mutant: str) -> None:
    prepared = Server(tmp_path / "data", {"MINGCHA_LOG_LEVEL": "error"}).prepare()
    asyncio.run(found(prepared.env))
    with prepared.others(hook=f"tests.fault.mutants:{mutant}") as servers:
        outcome, _ = kills.run(servers, kills=8, seed=SEED, limit_s=250, login="inspector")
    found_out = outcome.lost if mutant == "answers_before_the_commit" else outcome.doubled
    assert found_out > 0, outcome


@pytest.mark.timeout(300)
def test_an_upload_goes_on_where_the_killed_server_stood(server: Server, client: Client) -> None:
    dice = random.Random(SEED)
    photo = b"\xff\xd8\xff\xe0" + dice.randbytes(900_000) + b"\xff\xd9"
    client.sign_in("duchayuan")
    created = client.create_upload(photo)
    assert created.status_code == 201, created.text
    location, offset, kills = created.headers["Location"], 0, 0
    while offset < len(photo):
        piece = photo[offset : offset + 200_000]
        killer = threading.Timer(dice.uniform(0, 0.03), server.kill) if kills < 3 else None
        if killer is not None:
            killer.start()
            kills += 1
        with contextlib.suppress(httpx.TransportError):
            client.patch(location, offset, piece)
        if killer is not None:
            killer.join()
            server.start()
        head = client.http.head(location, headers={"Tus-Resumable": "1.0.0"})
        assert head.status_code in (200, 204), head.status_code
        stands = int(head.headers["Upload-Offset"])
        assert stands >= offset, "acknowledged bytes were lost"
        offset = stands
    sha = client.photo(photo)["sha256"]
    original = client.http.get(f"/api/v1/photos/{sha}/original")
    assert original.status_code == 200, original.text
    assert original.content == photo


@pytest.mark.timeout(300)
def test_a_sign_in_outlives_a_killed_server(server: Server, client: Client) -> None:
    client.sign_in("qiangxiu", PASSWORD)
    server.kill()
    server.start()
    assert client.http.get("/api/v1/session").status_code == 200
    assert client.register()["device"] == client.device
