"""A server with two companies and no demo, on each pair."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.conftest import Pair
from tests.support.client import Client, signed_in
from tests.support.company import Company, found
from tests.support.server import Server


@dataclass
class World:
    server: Server
    ours: Company
    theirs: Company

    @property
    def url(self) -> str:
        return self.server.url

    def client(self, login: str, *, register: bool = False) -> Client:
        return signed_in(self.url, login, register=register)


def make_world(pair: Pair, **env: str) -> World:
    server = pair.server(MINGCHA_LOCKOUT_S="2", MINGCHA_LOCKOUT_ADDRESS_FAILURES="8", **env).prepare()
    ours = asyncio.run(found(server.env))
    theirs = asyncio.run(found(server.env, prefix="foreign-"))
    return World(server.start(), ours, theirs)


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest, shared_pair: Pair) -> Iterator[World]:
    made = make_world(shared_pair, **getattr(request.module, "ENV", {}))
    try:
        yield made
    finally:
        made.server.kill()
