"""One Granian process with two sides: the product's routes, and beside them the bare driver at the same work.

Both share the process, the framework, the database and the store; the bare side has no rules, no log and no
replay, it is the roof that the product is measured against. Sign-in is left out on both sides.
"""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar, Request, Response, get, post
from litestar.di import Provide

import media.api
import sync.api
from backend import problems
from backend.app import Parts, build
from backend.clock import utc_now
from backend.settings import load
from media.stores import open_stores
from sync.caller import Caller

ORG, PERSON, UNIT = (f"01900000-0000-7000-8000-00000000000{n}" for n in (1, 2, 3))
CALLER = Caller(
    ORG, PERSON, "bench", frozenset({"inspector"}), ("org", "control", f"u:{UNIT}", f"p:{PERSON}"), None, UNIT
)
TABLE = "CREATE TABLE IF NOT EXISTS bare (id text PRIMARY KEY, seq bigint, body bytea)"
UPSERT = " ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, body = excluded.body"
PAGE = "SELECT seq, body FROM bare WHERE seq > {0} ORDER BY seq LIMIT 500"


class Row(msgspec.Struct):
    """What the bare side takes: an id and a body that it does not look into."""

    n: int
    id: str
    data: msgspec.Raw


class Rows(msgspec.Struct):
    ops: list[Row]


class BarePostgres:
    """asyncpg: one bulk upsert, one commit."""

    def __init__(self, url: str) -> None:
        self.url = url.replace("+asyncpg", "")

    async def open(self) -> None:
        self.pool = await asyncpg.create_pool(self.url, min_size=4, max_size=4)
        await self.pool.execute(
            "CREATE TABLE IF NOT EXISTS bare (id text PRIMARY KEY, seq bigint, body bytea)"
        )
        await self.pool.execute("CREATE INDEX IF NOT EXISTS bare_seq ON bare (seq)")

    async def write(self, rows: list[Row]) -> None:
        async with self.pool.acquire() as conn, conn.transaction():
            await conn.execute(
                "INSERT INTO bare SELECT * FROM unnest($1::text[], $2::bigint[], $3::bytea[])" + UPSERT,
                [row.id for row in rows],
                [row.n for row in rows],
                [bytes(row.data) for row in rows],
            )

    async def read(self, after: int) -> list[Any]:
        async with self.pool.acquire() as conn:
            return list(await conn.fetch(PAGE.format("$1"), after))


class BareSqlite:
    """sqlite3, WAL and synchronous=FULL: one bulk upsert, one commit, in a thread."""

    def __init__(self, url: str) -> None:
        self.path = url.split("///", 1)[1] + ".bare"
        self.lock = asyncio.Lock()

    async def open(self) -> None:
        self.conn = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None)
        self.conn.execute("PRAGMA journal_mode = WAL")
        self.conn.execute("PRAGMA synchronous = FULL")
        self.conn.execute("CREATE TABLE IF NOT EXISTS bare (id text PRIMARY KEY, seq integer, body blob)")
        self.conn.execute("CREATE INDEX IF NOT EXISTS bare_seq ON bare (seq)")

    def _write(self, rows: list[tuple[str, int, bytes]]) -> None:
        self.conn.execute("BEGIN IMMEDIATE")
        self.conn.executemany("INSERT INTO bare VALUES (?, ?, ?)" + UPSERT, rows)
        self.conn.execute("COMMIT")

    async def write(self, rows: list[Row]) -> None:
        async with self.lock:
            await asyncio.to_thread(self._write, [(row.id, row.n, bytes(row.data)) for row in rows])

    async def read(self, after: int) -> list[Any]:
        async with self.lock:
            return await asyncio.to_thread(lambda: self.conn.execute(PAGE.format("?"), (after,)).fetchall())


@cache
def bare() -> BarePostgres | BareSqlite:
    url = load().database
    return BarePostgres(url) if url.startswith("postgresql") else BareSqlite(url)


@post("/bare/push", status_code=200)
async def bare_push(request: Request[Any, Any, Any]) -> Response[bytes]:
    rows = msgspec.json.decode(await request.body(), type=Rows).ops
    await bare().write(rows)
    return Response(b"{}", media_type="application/json")


@get("/bare/pull")
async def bare_pull(after: int) -> Response[bytes]:
    rows = [(seq, msgspec.Raw(body)) for seq, body in await bare().read(after)]
    return Response(msgspec.json.encode(rows), media_type="application/json")


def given(value: Any) -> Provide:
    def provide() -> Any:
        return value

    return Provide(provide, sync_to_thread=False)


def app() -> Litestar:
    """The product's routes and the bare ones."""
    settings = load()
    parts: Parts = build(settings, utc_now)
    stores = open_stores(
        settings.store, access_key=settings.store_access_key, secret_key=settings.store_secret_key
    )

    @post("/bare/upload", status_code=201)
    async def bare_upload(request: Request[Any, Any, Any]) -> Response[bytes]:
        """The body into a file, the file into the store of the originals: what the store alone costs."""
        name = request.headers["x-name"]
        path = Path(os.environ["MINGCHA_DATA_DIR"]) / name
        body = await request.body()
        await asyncio.to_thread(path.write_bytes, body)
        await stores.originals.put_new(f"bare/{name}", path, "image/jpeg")
        return Response(b"{}", media_type="application/json")

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        await bare().open()
        async with parts.running(worker=False):
            yield

    return Litestar(
        [sync.api.router(), media.api.router(), bare_push, bare_pull, bare_upload],
        dependencies={
            "caller": given(CALLER),
            "db": given(parts.db),
            "clock": given(utc_now),
            "engine": given(parts.engine),
            "media": given(parts.media),
        },
        exception_handlers=problems.HANDLERS,
        lifespan=[lifespan],
        request_max_body_size=None,
        logging_config=None,
    )


async def serve() -> None:
    await Server(app(), port=load().port, interface=Interfaces.ASGI, log_enabled=False).serve()


if __name__ == "__main__":
    asyncio.run(serve())
