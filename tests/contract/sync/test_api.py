"""The HTTP side of `sync`: bytes, gzip, limits, ETag. Dependencies stand in for the application."""

import gzip
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar, Request, Response, Router
from litestar.di import Provide

from sync.api import router
from sync.errors import SyncError
from sync.group import Pushes
from sync.kept import mark
from tests.contract.sync.company import Company, Phone, an_id

JSON = {"Content-Type": "application/json"}


def given(value: Any) -> Provide:
    def provide() -> Any:
        return value

    return Provide(provide, sync_to_thread=False)


def routes(company: Company) -> Router:
    pushes = Pushes(company.engine, company.db, company.now)
    return router(company.engine, pushes, company.db, company.now)


def problem(_: Request, error: SyncError) -> Response:
    return Response({"code": error.code, **error.facts}, status_code=400)


@pytest.fixture
async def phone(company: Company) -> Phone:
    return await company.phone("inspector")


@pytest.fixture
async def http(company: Company, phone: Phone) -> AsyncIterator[httpx.AsyncClient]:
    app = Litestar(
        [routes(company)],
        dependencies={"caller": given(phone.caller)},
        exception_handlers={SyncError: problem},
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test/api/v1/sync") as client:
        yield client


async def test_a_push_may_come_packed(http: httpx.AsyncClient, phone: Phone) -> None:
    raw = phone.envelope(phone.put("note", an_id(), {"text": "长" * 500}))
    answer = await http.post(
        "/push", content=gzip.compress(raw, mtime=0), headers=JSON | {"Content-Encoding": "gzip"}
    )
    assert answer.status_code == 200
    assert answer.json()["results"][0]["status"] == "applied"
    assert answer.headers["cache-control"] == "no-store"
    plain = await http.post("/push", content=raw, headers=JSON)
    assert plain.json()["results"] == answer.json()["results"]


@pytest.mark.parametrize(
    ("body", "encoding", "code"),
    [
        (b"", "identity", "malformed"),
        (b"", "gzip", "malformed"),
        (b"not gzip", "gzip", "malformed"),
        (gzip.compress(b"{}", mtime=0)[:-4], "gzip", "malformed"),
        (gzip.compress(b"{}", mtime=0) + b"more", "gzip", "malformed"),
        (gzip.compress(b" " * 50_000_000, 9, mtime=0), "gzip", "too_large"),
        (b" " * 1_048_577, "identity", "too_large"),
        (b"{}", "br", "unsupported_encoding"),
    ],
)
async def test_a_body_that_cannot_be_taken_has_its_code(
    http: httpx.AsyncClient, body: bytes, encoding: str, code: str
) -> None:
    answer = await http.post("/push", content=body, headers=JSON | {"Content-Encoding": encoding})
    assert answer.json()["code"] == code


async def test_the_cursor_is_the_etag(http: httpx.AsyncClient, phone: Phone) -> None:
    await http.post("/push", content=phone.envelope(phone.put("note", an_id(), {})), headers=JSON)
    page = await http.get("/pull")
    cursor = page.json()["cursor"]
    assert page.headers["etag"] == f'"{cursor}"'
    assert len(page.json()["changes"]) == 1
    assert (await http.get("/pull", headers={"If-None-Match": page.headers["etag"]})).status_code == 304
    same = await http.get("/pull", params={"cursor": cursor})
    assert (same.status_code, same.content) == (304, b"")


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=5001", "schema=x", "schema=-1"])
async def test_a_senseless_pull_is_refused(http: httpx.AsyncClient, query: str) -> None:
    assert (await http.get(f"/pull?{query}")).status_code == 400


async def test_the_audit_answers_by_scope(http: httpx.AsyncClient, phone: Phone) -> None:
    await http.post("/push", content=phone.envelope(phone.put("note", an_id(), {})), headers=JSON)
    cursor = (await http.get("/pull")).json()["cursor"]
    scope = f"p:{phone.caller.person}"
    held = {"cursor": cursor, "scopes": {scope: {"count": 0, "xor": "0" * 16}}}
    answer = await http.post("/audit", content=msgspec.json.encode(held), headers=JSON)
    assert answer.json()["scopes"][scope]["state"] == "different"


async def test_a_phone_may_ask_what_the_server_lacks(http: httpx.AsyncClient, phone: Phone) -> None:
    op = phone.put("note", an_id(), {})
    await http.post("/push", content=phone.envelope(op), headers=JSON)
    asked = msgspec.json.encode({"kept": {phone.device: {1: mark(msgspec.json.encode(op)), 2: "0" * 16}}})
    for content, more in ((asked, {}), (gzip.compress(asked, mtime=0), {"Content-Encoding": "gzip"})):
        answer = await http.post("/lacking", content=content, headers=JSON | more)
        assert (answer.status_code, answer.json()) == (
            200,
            {"lacking": {phone.device: [2]}, "judged": {}},
        )
    assert (await http.post("/lacking", content=b"{}", headers=JSON)).json()["code"] == "malformed"
