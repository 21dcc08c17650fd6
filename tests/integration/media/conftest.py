"""A server with a small company, and media's own service on the same database and store, on each pair."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.app import build
from backend.settings import load
from media.tables import upload
from tests.conftest import Pair
from tests.support.client import Client, signed_in
from tests.support.company import Company, found
from tests.support.server import Server

SAMPLES = Path(__file__).parents[2] / "samples"
TUS = {"Tus-Resumable": "1.0.0"}


@dataclass
class World:
    server: Server
    company: Company

    def client(self, login: str, *, register: bool = True) -> Client:
        return signed_in(self.server.url, login, register=register)

    def staged(self) -> set[str]:
        """Names of the unfinished uploads on the server's disk."""
        return {path.stem for path in (self.server.folder / "staging").glob("*.part")}

    def expire(self, upload_id: str) -> None:
        """As if two weeks had passed for this upload."""

        async def change() -> None:
            parts = build(load(self.server.env))
            past = datetime.now(UTC) - timedelta(seconds=1)
            async with parts.db.write() as conn:
                await conn.execute(upload.update().where(upload.c.id == upload_id).values(expires_at=past))
            parts.passwords.close()
            await parts.db.close()

        asyncio.run(change())


@pytest.fixture(scope="module")
def world(shared_pair: Pair) -> Iterator[World]:
    server = shared_pair.server().prepare()
    company = asyncio.run(found(server.env))
    server.start()
    try:
        yield World(server, company)
    finally:
        server.kill()


@pytest.fixture(autouse=True)
def still_up(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test sent, the same process answers afterwards."""
    if "world" not in request.fixturenames:
        yield
        return
    made: World = request.getfixturevalue("world")
    before = made.server.pid
    yield
    assert made.server.pid == before
    assert made.server.running
    assert made.server.ready()


def head(client: Client, location: str) -> httpx.Response:
    return client.http.head(location, headers=TUS)


def offset(client: Client, location: str) -> int:
    answer = head(client, location)
    assert answer.status_code == 200, answer.status_code
    return int(answer.headers["Upload-Offset"])


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document; its stable type must be this one."""
    assert answer.status_code == status, answer.text
    document: dict[str, Any] = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (document["type"], document["code"], document["status"]) == (f"/problems/{code}", code, status)
    return document
