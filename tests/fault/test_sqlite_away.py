"""The SQLite file is held by another process, or gone: phones are told to come again, and nothing is lost."""

import asyncio
import os
import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fault.phones import Phone
from tests.support.client import Client, signed_in, uuid7
from tests.support.company import found
from tests.support.server import Server

SEED = int(os.environ.get("SEED", "20261124"))
WAIT_S = 2


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    env = {"MINGCHA_LOG_LEVEL": "warning", "MINGCHA_DATABASE_WAIT_S": str(WAIT_S)}
    running = Server(tmp_path / "here" / "data", env).prepare()
    asyncio.run(found(running.env))
    try:
        yield running.start()
    finally:
        running.kill()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with signed_in(server.url, "inspector") as made:
        yield made


def test_another_process_that_holds_the_writers_place_makes_a_push_come_again(
    server: Server, client: Client
) -> None:
    op = client.put("finding", uuid7(), {"unit": client.unit})
    other = sqlite3.connect(server.folder / "mingcha.db", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        answers = []
        senders = [threading.Thread(target=lambda: answers.append(client.send(op))) for _ in range(4)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        waited_s = time.monotonic() - began
        assert [(a.status_code, a.json()["code"]) for a in answers] == [(503, "busy")] * 4
        assert all(a.headers["retry-after"].isdigit() for a in answers)
        assert waited_s < 2 * WAIT_S + 15, "those in the queue wait no longer than the first"
        assert client.http.get("/api/v1/sync/pull", params={"schema": "1"}).status_code == 200
    finally:
        other.close()
    client.applied(op)


def test_a_vanished_folder_takes_nothing_in_and_nothing_is_lost_when_it_is_back(
    server: Server, client: Client
) -> None:
    phone = Phone(client, random.Random(SEED), 60)
    phone.push()
    away = server.folder.parent.rename(server.folder.parent.with_name("away"))
    refused = [client.send(client.put("finding", uuid7(), {"unit": client.unit})) for _ in range(2)]
    for answer in refused:
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.headers["retry-after"].isdigit()
    assert client.http.get("/readyz").status_code == 503
    assert not server.folder.exists(), "an empty database in its place would hide the true one"
    away.rename(server.folder.parent)
    client.register()
    phone.push()
    outcome = phone.count()
    assert not outcome.faults, outcome


def test_a_database_that_was_replaced_under_a_running_server_is_not_written(
    server: Server, client: Client
) -> None:
    file = server.folder / "mingcha.db"
    file.rename(file.with_name("old.db"))
    sqlite3.connect(file).close()
    file.touch()
    answer = client.send(client.put("finding", uuid7(), {"unit": client.unit}))
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert file.stat().st_size == 0
