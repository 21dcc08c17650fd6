"""`python -m tests.support.twin [FAULT] serve`: the product; its hour and its chance come with each request.

Two such servers, sent the same requests, answer the same bytes unless what only one of them stores shows. Requests are
served one at a time. `X-Twin-Now` is the clock of a request, `X-Twin-Draw` the seed of its random numbers; each answer
names the SQL that it took: `X-Twin-Sql` is the number of statements and a hash over their texts, in order.

`POST /twin/work` runs all waiting jobs, `POST /twin/purge` removes every tombstone and notice older than the request.
FAULT is a name of `tests.support.leaks`: a way to let a secret out, to see that the comparison finds it.
"""

import asyncio
import hashlib
import os
import random
import secrets
import signal
import sys
from datetime import datetime
from typing import Any, cast

from granian.constants import Interfaces
from granian.server.embed import Server
from litestar.types import ASGIApp
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.app import Parts, create_app
from backend.settings import load
from backend.web.address import header
from backend.web.asgi import App, Message, Receive, Scope, Send
from sync import driver, store

NOW, DRAW, SQL = b"x-twin-now", b"x-twin-draw", b"x-twin-sql"


class Twin:
    """Wraps the whole application; one request at a time."""

    def __init__(self, app: App, parts: Parts) -> None:
        self.app, self.parts = app, parts
        self.turn = asyncio.Lock()
        self.statements: list[str] = []

        def seen(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
            self.statements.append(statement)

        event.listen(parts.db.engine.sync_engine, "before_cursor_execute", seen)
        fetch, fetch_each, insert = (
            driver.fetch,
            driver.fetch_each,
            driver.insert,
        )  # what goes past SQLAlchemy

        async def fetched(conn: AsyncConnection, sql: str, *args: Any) -> Any:
            self.statements.append(sql)
            return await fetch(conn, sql, *args)

        async def fetched_each(conn: AsyncConnection, *asked: Any) -> Any:
            if not driver.postgresql(conn):  # there each one goes through `fetch`
                self.statements += [sql for sql, _ in asked]
            return await fetch_each(conn, *asked)

        async def inserted(conn: AsyncConnection, *inserts: driver.Insert) -> None:
            self.statements += [each.table for each in inserts if each.rows]
            await insert(conn, *inserts)

        driver.fetch, driver.fetch_each, driver.insert = fetched, fetched_each, inserted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        async with self.turn:
            if header(scope, NOW):
                _given.now = datetime.fromisoformat(header(scope, NOW))
                _given.draw = random.Random(header(scope, DRAW))
            self.statements.clear()
            if scope["path"].startswith("/twin/"):
                await self._arrange(scope["path"])
                await send({"type": "http.response.start", "status": 204, "headers": []})
                await send({"type": "http.response.body", "body": b""})
                return

            async def sender(message: Message) -> None:
                if message["type"] == "http.response.start":
                    message["headers"] = [*message["headers"], (SQL, self._sql())]
                await send(message)

            await self.app(scope, receive, sender)

    def _sql(self) -> bytes:
        texts = hashlib.sha256("\n".join(self.statements).encode()).hexdigest()[:8]
        return f"{len(self.statements)} {texts}".encode()

    async def _arrange(self, path: str) -> None:
        if path == "/twin/work":
            worker = self.parts.worker()
            while await worker.run_one():
                pass
        elif path == "/twin/purge":
            async with self.parts.db.write() as conn:
                for org in (await conn.execute(text("SELECT id FROM org"))).scalars().all():
                    await store.purge(conn, org, _given.now)
        else:
            raise LookupError(path)


class _Given:
    """What the request under way was given."""

    now = datetime.fromisoformat("2026-11-25T08:00:00+00:00")
    draw = random.Random(0)

    def clock(self) -> datetime:
        return self.now


_given = _Given()


def _fix_chance() -> None:
    secrets.randbits = lambda k: _given.draw.getrandbits(k)
    secrets.token_bytes = lambda n=32: _given.draw.randbytes(n)  # type: ignore[assignment,misc]
    secrets.token_hex = lambda n=32: _given.draw.randbytes(n).hex()  # type: ignore[assignment,misc]
    os.urandom = lambda n: _given.draw.randbytes(n)


async def serve() -> None:
    settings = load()
    app = create_app(settings, clock=_given.clock)
    _fix_chance()
    app.asgi_handler = cast("ASGIApp", Twin(cast("App", app.asgi_handler), app.state.parts))
    server = Server(
        app,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        websockets=False,
        log_enabled=False,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, server.stop)
    await server.serve()


if __name__ == "__main__":
    for fault in sys.argv[1:-1]:
        from tests.support.leaks import LEAKS

        LEAKS[fault]()
    asyncio.run(serve())
