"""PostgreSQL stops, refuses or keeps us waiting: phones are told to come again, and nothing is lost or doubled."""

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.fault import away
from tests.support.client import Client, signed_in, uuid7
from tests.support.company import found
from tests.support.postgres import Postgres
from tests.support.server import Server

SEED = int(os.environ.get("SEED", "20261124"))
WAIT_S = 2
ENV = {"MINGCHA_LOG_LEVEL": "warning", "MINGCHA_DATABASE_WAIT_S": str(WAIT_S)}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Postgres]:
    """A PostgreSQL of our own, to be stopped."""
    own = Postgres()
    try:
        yield own.start()
    finally:
        own.stop()


@pytest.fixture(scope="module")
def server(cluster: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server through all of it: it is never started again."""
    running = Server(
        tmp_path_factory.mktemp("away") / "data", {**ENV, "MINGCHA_DATABASE_URL": cluster.fresh()}
    )
    running.prepare()
    asyncio.run(found(running.env))
    asyncio.run(found(running.env, prefix="foreign-"))
    try:
        yield running.start()
    finally:
        running.kill()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with signed_in(server.url, "inspector") as made:
        yield made


@pytest.mark.timeout(300)
def test_phones_outlast_a_database_that_stops_at_once_again_and_again(
    cluster: Postgres, server: Server
) -> None:
    pid, outcome = server.pid, away.stops(cluster, server, rounds=3, seed=SEED)
    assert not outcome.faults, outcome
    assert outcome.refused[503, "unavailable"] > 0, outcome
    assert server.running
    assert server.pid == pid


def test_every_endpoint_says_come_again_while_the_database_is_away(
    cluster: Postgres, server: Server, client: Client
) -> None:
    client.applied(client.put("finding", uuid7(), {"unit": client.unit}))
    cluster.halt()
    try:
        answers = {
            "push": client.send(client.put("finding", uuid7(), {"unit": client.unit})),
            "pull": client.http.get("/api/v1/sync/pull", params={"schema": "1"}),
            "photos": client.http.post("/api/v1/photos/missing", json={"photos": []}),
            "upload": client.create_upload(b"\xff\xd8\xff\xe0 a photo"),
            "session": client.http.get("/api/v1/session"),
            "sign in": client.http.post("/api/v1/session", json={"login": "crew", "password": "wrong"}),
            "ready": client.http.get("/readyz"),
            "metrics": client.http.get("/metrics"),
        }
        said = {name: (a.status_code, a.headers.get("retry-after")) for name, a in answers.items()}
        assert said == dict.fromkeys(answers, (503, "5"))
        assert client.http.get("/healthz").status_code == 200
    finally:
        cluster.start()
    assert client.http.get("/api/v1/session").status_code == 200
    assert client.http.get("/readyz").status_code == 200


def test_photos_get_their_views_after_the_database_was_away(
    cluster: Postgres, server: Server, client: Client
) -> None:
    from PIL import Image

    cluster.halt()
    time.sleep(2.5)  # the worker asks for work each second
    cluster.start()
    path = server.folder / "photo.jpg"
    Image.new("RGB", (64, 48), "red").save(path)
    sha256 = client.upload(path)
    deadline = time.monotonic() + 60
    while client.http.get(f"/api/v1/photos/{sha256}/w320").status_code != 200:
        assert time.monotonic() < deadline, "the worker did not come back"
        time.sleep(0.2)


@contextmanager
def session(cluster: Postgres, server: Server, *statements: str) -> Iterator[None]:
    """An administrator's open transaction that has done `statements`."""
    with cluster.psql(server.env["MINGCHA_DATABASE_URL"]) as tell:
        tell("BEGIN")
        for statement in statements:
            tell(statement)
        yield
        tell("ROLLBACK")


@pytest.mark.parametrize(
    "lock", ["SELECT * FROM org FOR UPDATE", "LOCK TABLE record IN ACCESS EXCLUSIVE MODE"]
)
def test_a_push_does_not_wait_for_ever_behind_an_administrators_lock(
    cluster: Postgres, server: Server, client: Client, lock: str
) -> None:
    op = client.put("finding", uuid7(), {"unit": client.unit})
    with session(cluster, server, lock):
        began = time.monotonic()
        answer = client.send(op)
        waited_s = time.monotonic() - began
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert answer.headers["retry-after"].isdigit()
    assert waited_s < WAIT_S + 15
    client.applied(op)


def test_a_company_that_is_held_up_holds_up_no_other_and_its_push_is_answered_after(
    cluster: Postgres, server: Server, client: Client
) -> None:
    held = client.put("finding", uuid7(), {"unit": client.unit})
    answers: list[httpx.Response] = []
    waiting = threading.Thread(target=lambda: answers.append(client.send(held)))
    ours = f"SELECT * FROM org WHERE id = (SELECT org FROM device WHERE id = '{client.device}') FOR UPDATE"
    with signed_in(server.url, "foreign-inspector") as other:
        with session(cluster, server, ours):
            waiting.start()
            for _ in range(5):
                other.applied(other.put("finding", uuid7(), {"unit": other.unit}))
            assert not answers, "the push did not wait for its company's writer"
        waiting.join()
    assert answers[0].status_code in (200, 503), answers[0].text  # 503 only when five pushes took 2 s
    client.applied(held)


def test_a_statement_that_an_administrator_cancels_is_sent_again(
    cluster: Postgres, server: Server, client: Client
) -> None:
    op = client.put("finding", uuid7(), {"unit": client.unit})
    with cluster.psql(server.env["MINGCHA_DATABASE_URL"]) as other:
        cancel = (
            "DO $$ BEGIN FOR i IN 1..300 LOOP"
            " IF (SELECT count(pg_cancel_backend(pid)) > 0 FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND pid <> pg_backend_pid()) THEN RETURN; END IF;"
            " PERFORM pg_sleep(0.01); PERFORM pg_stat_clear_snapshot(); END LOOP; END $$"
        )
        with session(cluster, server, "SELECT * FROM org FOR UPDATE"):
            canceller = threading.Thread(target=other, args=(cancel,))
            canceller.start()
            answer = client.send(op)
            canceller.join()
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    client.applied(op)


def test_connections_that_an_administrator_ends_are_made_anew(
    cluster: Postgres, server: Server, client: Client
) -> None:
    with cluster.psql(server.env["MINGCHA_DATABASE_URL"]) as tell:
        tell("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
             " AND datname = current_database()")  # fmt: skip
    op = client.put("finding", uuid7(), {"unit": client.unit})
    assert client.send(op).status_code in (200, 503)  # 503 when it was on its way while the end came
    client.applied(op)


def test_a_database_without_a_free_connection_is_busy(
    cluster: Postgres, server: Server, client: Client, tmp_path: Path
) -> None:
    url = server.env["MINGCHA_DATABASE_URL"]
    second = Server(tmp_path / "data", {**ENV, "MINGCHA_DATABASE_URL": url, "MINGCHA_WORKER": "none"})
    op = client.put("finding", uuid7(), {"unit": client.unit})
    with cluster.psql(url) as tell:
        tell("CREATE ROLE ordinary LOGIN")
        tell("GRANT ALL ON ALL TABLES IN SCHEMA public TO ordinary")
        second.env["MINGCHA_DATABASE_URL"] = url.replace("mingcha@", "ordinary@")
        second.start()
        client.http.base_url = second.url
        try:
            tell("ALTER ROLE ordinary CONNECTION LIMIT 0")
            tell("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = 'ordinary'")
            client.send(op)  # what was on its way while the end came is "unavailable"
            answer = client.send(op)
            assert (answer.status_code, answer.json()["code"]) == (503, "busy")
            tell("ALTER ROLE ordinary CONNECTION LIMIT -1")
            client.applied(op)
        finally:
            second.kill()


def test_a_database_that_only_reads_still_answers_pulls(
    cluster: Postgres, server: Server, client: Client
) -> None:
    op = client.put("finding", uuid7(), {"unit": client.unit})
    with cluster.psql(server.env["MINGCHA_DATABASE_URL"]) as tell:
        name = server.env["MINGCHA_DATABASE_URL"].rsplit("/", 1)[-1]
        tell(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        tell("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
             " AND datname = current_database()")  # fmt: skip
        try:
            client.send(op)  # what was on its way while the end came is "unavailable"
            answer = client.send(op)
            assert (answer.status_code, answer.json()["code"]) == (503, "read_only")
            assert answer.headers["retry-after"].isdigit()
            assert client.http.get("/api/v1/sync/pull", params={"schema": "1"}).status_code == 200
        finally:
            tell("SET default_transaction_read_only = off")
            tell(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        tell("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
             " AND datname = current_database()")  # fmt: skip
    client.send(op)  # as above
    client.applied(op)


def test_a_frozen_database_host_does_not_hold_requests_for_ever(
    cluster: Postgres, server: Server, client: Client
) -> None:
    op = client.put("finding", uuid7(), {"unit": client.unit})
    client.http.timeout = 60
    with cluster.frozen():
        began = time.monotonic()
        answer = client.send(op)
        waited_s = time.monotonic() - began
    assert answer.status_code == 503, answer.text
    assert answer.headers["retry-after"].isdigit()
    assert waited_s < 40
    client.applied(op)
