"""Keys of the server and of phones: made once, shared by all processes, never exchanged behind one's back."""

import asyncio
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from backend.custody import keys
from backend.db import Database
from backend.migrations.run import migrate
from backend.settings import load
from tests.conftest import Pair
from tests.support.client import Client, signed_in
from tests.support.device import DeviceKey
from tests.support.server import Server

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def phone(shared_server: Server) -> Iterator[Client]:
    with signed_in(shared_server.url, "duchayuan") as made:
        yield made


def register(phone: Client, key: str | None) -> httpx.Response:
    body = {"id": phone.device, "name": "test phone"} | ({} if key is None else {"key": key})
    return phone.http.post("/api/v1/devices", json=body)


def test_a_phone_registered_without_a_key_gets_it_once_and_keeps_it(phone: Client) -> None:
    first, other = DeviceKey(), DeviceKey()
    assert register(phone, None).status_code == 200
    assert register(phone, first.public).status_code == 200
    assert register(phone, first.public).status_code == 200
    assert register(phone, None).status_code == 200
    changed = register(phone, other.public)
    assert (changed.status_code, changed.json()["code"]) == (409, "device_key_changed")
    assert register(phone, first.public).status_code == 200


@pytest.mark.parametrize("key", ["", "abc", "A" * 87, "=" * 87, "é" * 87, 7])
def test_what_is_no_point_of_the_curve_is_no_key(phone: Client, key: object) -> None:
    answer = phone.http.post("/api/v1/devices", json={"id": phone.device, "name": "x", "key": key})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_public_keys_are_for_everyone_and_private_ones_for_nobody(shared_server: Server) -> None:
    with Client(shared_server.url) as stranger:
        answer = stranger.http.get("/api/v1/keys")
    assert answer.status_code == 200
    found = answer.json()["keys"]
    assert {key["purpose"] for key in found} == {"sign", "seal"}
    assert {field for key in found for field in key} == {
        "id",
        "purpose",
        "public",
        "created_at",
        "retired_at",
    }


async def test_processes_that_start_together_agree_on_one_key(database_url: str) -> None:
    first, second = Database(database_url), Database(database_url)
    try:
        await migrate(first)

        async def use(db: Database) -> str:
            async with db.write() as conn:
                return (await keys.in_use(conn, "sign", NOW)).id

        made = await asyncio.gather(*(use(db) for db in (first, second) * 5))
        assert len(set(made)) == 1
    finally:
        await first.close()
        await second.close()


def test_a_server_that_has_started_has_its_keys_before_anybody_asks_for_one(backend_pair: Pair) -> None:
    async def made() -> list[keys.ServerKey]:
        db = Database(load(server.env).database)
        try:
            async with db.read() as conn:
                return await keys.listing(conn)
        finally:
            await db.close()

    server = backend_pair.server().prepare()
    assert asyncio.run(made()) == []
    server.start()
    try:
        assert {key.purpose for key in asyncio.run(made())} == {"sign", "seal"}
    finally:
        server.kill()


def test_keys_are_rotated_copied_and_brought_back(backend_pair: Pair, tmp_path: Path) -> None:
    server = backend_pair.server().prepare()
    before = server.run("keys", "list").stdout
    assert before.count("in use") == 2
    server.run("keys", "rotate")
    after = server.run("keys", "list").stdout
    assert (after.count("in use"), after.count("retired")) == (2, 2)
    assert {line.split("\t")[0] for line in before.splitlines()} <= {
        line.split("\t")[0] for line in after.splitlines()
    }
    copy = tmp_path / "keys.jsonl"
    server.run("keys", "export", str(copy))
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert server.run("keys", "export", str(copy), check=False).returncode == 1  # never over another copy
    assert "0 added" in server.run("keys", "import", str(copy)).stdout
    elsewhere = Server(tmp_path / "elsewhere").prepare()
    assert "4 added" in elsewhere.run("keys", "import", str(copy)).stdout
    assert elsewhere.run("keys", "list").stdout.count("in use") == 2
    (tmp_path / "no.jsonl").write_text("{}\n")
    assert server.run("keys", "import", str(tmp_path / "no.jsonl"), check=False).returncode == 2
