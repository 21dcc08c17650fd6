"""Between phone and server lies a bad line: nothing is lost or doubled, and nobody holds the server up."""

import asyncio
import json
import os
import socket
import time
from collections.abc import Iterator

import pytest

from tests.conftest import Pair
from tests.fault import line
from tests.support.client import Client, now, signed_in, uuid7
from tests.support.company import found
from tests.support.server import Server

SEED = int(os.environ.get("SEED", "20261124"))
BODY_S = 2


@pytest.fixture
def server(backend_pair: Pair) -> Iterator[Server]:
    running = backend_pair.server(MINGCHA_LOG_LEVEL="warning", MINGCHA_REQUEST_IDLE_S=str(BODY_S)).prepare()
    asyncio.run(found(running.env))
    try:
        yield running.start()
    finally:
        running.kill()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with signed_in(server.url, "inspector") as made:
        yield made


@pytest.mark.timeout(200)
def test_pushes_and_pulls_through_a_bad_line_lose_nothing_and_double_nothing(server: Server) -> None:
    outcome, connections = line.run(server, pushes=10, seed=SEED, limit_s=150)
    assert not outcome.faults, f"{outcome}\n{server.log_tail()}"
    assert outcome.cut >= 5
    assert connections > outcome.pushes
    assert "http.failed" not in server.log_tail(1000), "a cut line is no mistake of the server"


def begun(client: Client, server: Server, head: str, length: int, first: bytes) -> socket.socket:
    """A request that announces `length` bytes and sends only the first."""
    made = socket.create_connection(("127.0.0.1", server.port), timeout=60)
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.http.cookies.jar)
    made.sendall(
        f"{head} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nX-Mingcha: 1\r\nCookie: {cookies}\r\n"
        f"Content-Length: {length}\r\nContent-Type: application/json\r\n\r\n".encode()
        + first
    )
    return made


def answered(waiting: socket.socket) -> bytes:
    """All that the server says until it closes."""
    said = b""
    while piece := waiting.recv(65536):
        said += piece
    return said


def a_push(client: Client) -> bytes:
    ops = [client.put("finding", uuid7(), {"unit": client.unit, "fact": "slow"})]
    return json.dumps({"device": client.device, "schema": 1, "sent_at": now(), "ops": ops}).encode()


@pytest.mark.timeout(120)
def test_a_body_that_stops_coming_is_ended_with_an_answer(server: Server, client: Client) -> None:
    body = a_push(client)
    with begun(client, server, "POST /api/v1/sync/push", len(body), body[:50]) as waiting:
        began = time.monotonic()
        said = answered(waiting)
    assert said.startswith(b"HTTP/1.1 408"), said[:200]
    assert b"too_slow" in said
    assert time.monotonic() - began < BODY_S + 30
    assert client.register()["n"] == 0
    client.pull()


@pytest.mark.timeout(200)
def test_a_body_that_drips_is_ended_too(server: Server, client: Client) -> None:
    drip = b'{"login": "' + b"a" * 5000
    with begun(client, server, "POST /api/v1/session", len(drip) + 10, b"") as waiting:
        began = time.monotonic()
        waiting.settimeout(0.5)
        said = b""
        for byte in drip:
            try:
                waiting.sendall(bytes([byte]))
                said = waiting.recv(65536)
                break
            except TimeoutError:
                continue
            except OSError:
                break
    assert time.monotonic() - began < 60
    assert said.startswith(b"HTTP/1.1 408"), said[:200]


@pytest.mark.timeout(120)
def test_many_idle_connections_leave_the_server_to_the_others(server: Server, client: Client) -> None:
    body = a_push(client)
    idle = [begun(client, server, "POST /api/v1/sync/push", len(body), b"{") for _ in range(100)]
    try:
        client.n = iter(range(1, 10**6))  # type: ignore[assignment]
        client.applied(client.put("finding", uuid7(), {"unit": client.unit}))
        assert client.http.get("/readyz").status_code == 200
    finally:
        for each in idle:
            each.close()


@pytest.mark.timeout(120)
def test_a_phone_that_closes_its_side_after_the_request_still_gets_its_answer_or_none(
    server: Server, client: Client
) -> None:
    body = a_push(client)
    with begun(client, server, "POST /api/v1/sync/push", len(body), body) as waiting:
        waiting.shutdown(socket.SHUT_WR)
        said = answered(waiting)
    assert said == b"" or said.startswith(b"HTTP/1.1 200"), said[:200]
    again = client.http.post("/api/v1/sync/push", content=body, headers={"Content-Type": "application/json"})
    assert again.status_code == 200
    assert again.json()["acked"] == 1
