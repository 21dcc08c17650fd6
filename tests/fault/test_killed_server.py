"""The server is killed at any moment: what it acknowledged is there, once, and the phone goes on by itself.

`make test` runs a short seeded version; PROVE=1 kills through 200 pushes on each database.
"""

import contextlib
import os
import random
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import Pair
from tests.support.client import PASSWORD, Client, now, uuid7
from tests.support.server import Server

PROVE = os.environ.get("PROVE") == "1"
PUSHES = 200 if PROVE else 16
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


class Killer(threading.Thread):
    """Kills the server at random moments and starts it again, until told to stop."""

    def __init__(self, server: Server, dice: random.Random) -> None:
        super().__init__(daemon=True)
        self.server = server
        self.dice = dice
        self.armed = threading.Event()
        self.over = threading.Event()
        self.kills = 0
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.over.is_set():
                if self.armed.wait(0.05):
                    self.armed.clear()
                    time.sleep(self.dice.uniform(0, 0.06))  # a push takes 5 to 40 ms here
                    self.server.kill()
                    self.kills += 1
                    self.server.start()
        except BaseException as error:
            self.failure = error


def send_until_answered(
    client: Client, body: dict[str, object], killer: Killer, until: float
) -> httpx.Response:
    """As a phone does: the same push again and again until the server has answered it."""
    while time.monotonic() < until and killer.failure is None:
        try:
            answer = client.http.post("/api/v1/sync/push", json=body)
        except httpx.TransportError:
            time.sleep(0.05)
            continue
        if answer.status_code != 503:
            return answer
    raise AssertionError(f"no answer: {killer.failure}")


@pytest.mark.timeout(1800 if PROVE else 300)
def test_no_acknowledged_operation_is_lost_and_none_is_applied_twice(server: Server, client: Client) -> None:
    dice = random.Random(SEED)
    client.sign_in("duchayuan")
    sent: dict[str, list[str]] = {}
    acknowledged: dict[int, dict[str, object]] = {}
    killer = Killer(server, dice)
    killer.start()
    until = time.monotonic() + (1700 if PROVE else 250)
    try:
        ids: list[str] = []
        written = 0
        for push in range(PUSHES):
            ops = []
            for _ in range(dice.randint(1, 6)):
                if ids and dice.random() < 0.4:
                    id_ = dice.choice(ids)
                else:
                    id_ = uuid7()
                    ids.append(id_)
                written += 1
                sent.setdefault(id_, []).append(f"text {written}")
                ops.append(client.put("finding", id_, {"unit": client.unit, "fact": sent[id_][-1]}))
            body = {"device": client.device, "schema": 1, "sent_at": now(), "ops": ops}
            if push % (4 if PROVE else 3) == 0:
                killer.armed.set()
            answer = send_until_answered(client, body, killer, until)
            assert answer.status_code == 200, answer.text
            assert answer.json()["acked"] == ops[-1]["n"]
            for op, result in zip(ops, answer.json()["results"], strict=True):
                assert result["status"] == "applied", result
                acknowledged[op["n"]] = result
            if dice.random() < 0.3:  # an answer that was lost on the way: the phone asks once more
                again = send_until_answered(client, body, killer, until)
                assert again.json()["results"] == answer.json()["results"]
    finally:
        killer.over.set()
        killer.join(90)
    assert killer.failure is None
    assert killer.kills >= PUSHES // 8
    if not server.running:
        server.start()
    found = client.records("finding")
    for id_, texts in sent.items():
        assert found[id_]["data"]["fact"] == texts[-1]
        assert found[id_]["rev"] == len(texts), "an operation was applied twice or not at all"
    sequence = [result["seq"] for _, result in sorted(acknowledged.items())]
    assert sequence == sorted(set(sequence)), "numbers are given once and in order"
    registered = client.register()
    assert registered["n"] == max(acknowledged)


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
