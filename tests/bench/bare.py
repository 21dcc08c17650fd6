"""The roof that the product is measured against: the bare driver behind the same HTTP server.

Granian and Litestar as in the product; no sign-in, rules, log, replay, feed or guard. A push is one bulk upsert and
one commit, a page one indexed select.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar, Request, Response, get, post

from backend.settings import Settings, load
from media.service import original_key
from media.stores import open_stores

TABLE = "CREATE TABLE IF NOT EXISTS bare (id text PRIMARY KEY, seq bigint, body {0})"
INDEX = "CREATE INDEX IF NOT EXISTS bare_seq ON bare (seq)"
UPSERT = " ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, body = excluded.body"
PAGE = "SELECT seq, id, body FROM bare WHERE seq > {0} ORDER BY seq LIMIT {1}"


class Row(msgspec.Struct):
    """What the bare side takes: an id and a body that it does not look into."""

    n: int
    id: str
    data: msgspec.Raw


class Rows(msgspec.Struct):
    ops: list[Row]


class BarePostgres:
    """asyncpg: one bulk upsert, one commit."""

    def __init__(self, url: str, pool: int) -> None:
        self.url = url.replace("+asyncpg", "")
        self.size = pool

    async def open(self) -> None:
        self.pool = await asyncpg.create_pool(self.url, min_size=self.size, max_size=self.size)
        await self.pool.execute(TABLE.format("bytea"))
        await self.pool.execute(INDEX)

    async def write(self, rows: list[Row]) -> None:
        async with self.pool.acquire() as conn, conn.transaction():
            await conn.execute(
                "INSERT INTO bare SELECT * FROM unnest($1::text[], $2::bigint[], $3::bytea[])" + UPSERT,
                [row.id for row in rows],
                [row.n for row in rows],
                [bytes(row.data) for row in rows],
            )

    async def read(self, after: int, limit: int) -> list[Any]:
        async with self.pool.acquire() as conn:
            return list(await conn.fetch(PAGE.format("$1", "$2"), after, limit))


class BareSqlite:
    """sqlite3, WAL and synchronous=FULL: one bulk upsert, one commit, in a thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = asyncio.Lock()

    async def open(self) -> None:
        self.conn = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None)
        self.conn.execute("PRAGMA journal_mode = WAL")
        self.conn.execute("PRAGMA synchronous = FULL")
        self.conn.execute(TABLE.format("blob"))
        self.conn.execute(INDEX)

    def _write(self, rows: list[tuple[str, int, bytes]]) -> None:
        self.conn.execute("BEGIN IMMEDIATE")
        self.conn.executemany("INSERT INTO bare VALUES (?, ?, ?)" + UPSERT, rows)
        self.conn.execute("COMMIT")

    async def write(self, rows: list[Row]) -> None:
        async with self.lock:
            await asyncio.to_thread(self._write, [(row.id, row.n, bytes(row.data)) for row in rows])

    def _read(self, after: int, limit: int) -> list[Any]:
        return self.conn.execute(PAGE.format("?", "?"), (after, limit)).fetchall()

    async def read(self, after: int, limit: int) -> list[Any]:
        async with self.lock:
            return await asyncio.to_thread(self._read, after, limit)


def app(settings: Settings) -> Litestar:
    url = settings.database
    bare: BarePostgres | BareSqlite = (
        BarePostgres(url, settings.database_pool)
        if url.startswith("postgresql")
        else BareSqlite(settings.data / "bare.db")
    )
    stores = open_stores(
        settings.store, access_key=settings.store_access_key, secret_key=settings.store_secret_key
    )

    @get("/readyz")
    async def ready() -> str:
        return "ok"

    @post("/bare/push", status_code=200)
    async def push(request: Request[Any, Any, Any]) -> Response[bytes]:
        rows = msgspec.json.decode(await request.body(), type=Rows).ops
        await bare.write(rows)
        return Response(b"{}", media_type="application/json")

    @get("/bare/pull")
    async def pull(after: int, limit: int) -> Response[bytes]:
        found = await bare.read(after, limit)
        rows = [(seq, id_, msgspec.Raw(body)) for seq, id_, body in found]
        return Response(msgspec.json.encode(rows), media_type="application/json")

    @post("/bare/upload", status_code=201)
    async def upload(request: Request[Any, Any, Any]) -> Response[bytes]:
        """The body into a file, the file into the store of the originals: what the store alone costs."""
        name = request.headers["x-name"]
        path = settings.data / name
        body = await request.body()
        await asyncio.to_thread(path.write_bytes, body)
        await stores.originals.put_new(original_key("bare", name), path, "image/jpeg")
        return Response(b"{}", media_type="application/json")

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        await bare.open()
        await stores.originals.prepare()
        yield

    return Litestar(
        [ready, push, pull, upload], lifespan=[lifespan], request_max_body_size=None, logging_config=None
    )


async def serve() -> None:
    settings = load()
    options: dict[str, Any] = {"interface": Interfaces.ASGI, "log_enabled": False, "backlog": 1024}
    await Server(app(settings), port=settings.port, **options).serve()


if __name__ == "__main__":
    asyncio.run(serve())
