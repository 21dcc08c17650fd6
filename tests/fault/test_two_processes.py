"""Two servers on one database are one server to the phones, on SQLite and on PostgreSQL."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.conftest import ENGINES
from tests.support.client import Client, now, signed_in, uuid7
from tests.support.company import found
from tests.support.postgres import Postgres
from tests.support.server import Server

ROUNDS = 15
WRITERS = 4
PUSHES = 12


@pytest.fixture(scope="module", params=ENGINES)
def servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """The addresses of both."""
    env = {"MINGCHA_LOG_LEVEL": "error"}
    if request.param == "postgresql":
        cluster: Postgres = request.getfixturevalue("postgres")
        env["MINGCHA_DATABASE_URL"] = cluster.fresh()
    folder: Path = tmp_path_factory.mktemp("two") / "data"
    prepared = Server(folder, env).prepare()
    asyncio.run(found(prepared.env))
    with prepared.others() as both:
        yield [server.url for server in both]


def test_the_same_batch_sent_to_both_at_once_is_applied_once_and_answered_alike(servers: list[str]) -> None:
    phones = [signed_in(url, "inspector") for url in servers]
    phones[1].register(phones[0].device)
    together = threading.Barrier(2)

    def send(phone: Client, body: object) -> httpx.Response:
        together.wait(30)
        return phone.http.post("/api/v1/sync/push", json=body)

    with ThreadPoolExecutor(2) as pool:
        for _ in range(ROUNDS):
            id_ = uuid7()
            ops = [
                phones[0].put("finding", id_, {"unit": phones[0].unit, "fact": "first"}),
                phones[0].put("finding", id_, {"unit": phones[0].unit, "fact": "second"}),
                phones[0].event("finding", uuid7(), "submit"),
            ]
            body = {"device": phones[0].device, "schema": 1, "sent_at": now(), "ops": ops}
            first, second = pool.map(send, phones, [body, body])
            assert (first.status_code, second.status_code) == (200, 200), first.text + second.text
            assert first.json()["results"] == second.json()["results"]
            assert first.json()["acked"] == second.json()["acked"] == ops[-1]["n"]
            row = phones[1].records("finding")[id_]
            assert (row["rev"], row["data"]["fact"]) == (2, "second")
    for phone in phones:
        phone.http.close()


def test_a_reader_that_asks_them_by_turns_misses_nothing(servers: list[str]) -> None:
    readers = [signed_in(url, "inspector") for url in servers]
    writers = [signed_in(servers[i % 2], "inspector") for i in range(WRITERS)]
    over = threading.Event()

    def write(phone: Client) -> set[str]:
        ids: set[str] = set()
        for _ in range(PUSHES):
            ops = [phone.put("finding", uuid7(), {"unit": phone.unit}) for _ in range(2)]
            phone.applied(*ops)
            ids |= {op["id"] for op in ops}
        return ids

    def read() -> set[str]:
        seen: set[str] = set()
        cursor, turn, last = "", 0, False
        while True:
            turn += 1
            params = {"schema": "1", "limit": "7"} | ({"cursor": cursor} if cursor else {})
            answer = readers[turn % 2].http.get("/api/v1/sync/pull", params=params)
            if answer.status_code == 200:
                cursor = answer.json()["cursor"]
                seen |= {change["id"] for change in answer.json()["changes"]}
            elif last:
                return seen
            else:
                last = over.is_set()

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        reading = pool.submit(read)
        try:
            written = set().union(*pool.map(write, writers))
        finally:
            over.set()
        missed = written - reading.result()
    assert len(written) == WRITERS * PUSHES * 2
    assert not missed
    for client in (*readers, *writers):
        client.http.close()


def test_a_photo_begun_at_one_is_finished_at_the_other(servers: list[str]) -> None:
    here, there = (signed_in(url, "inspector") for url in servers)
    photo = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4000 + b"\xff\xd9"
    there.register(here.device)
    location = here.create_upload(photo).headers["Location"]
    assert here.patch(location, 0, photo[:300_000]).status_code == 204
    assert there.patch(location, 300_000, photo[300_000:]).status_code == 204
    sha256 = here.photo(photo)["sha256"]
    assert here.http.get(f"/api/v1/photos/{sha256}/original").content == photo
    for client in (here, there):
        client.http.close()


def test_a_phone_revoked_at_one_is_refused_at_the_other(servers: list[str]) -> None:
    here, there = (signed_in(url, "crew") for url in servers)
    assert here.http.post(f"/api/v1/devices/{there.device}/revoke").is_success
    refused = there.send(there.put("finding", uuid7(), {"unit": there.unit}))
    assert (refused.status_code, refused.json()["code"]) == (403, "device_revoked")
    for client in (here, there):
        client.http.close()
