"""A server that ends at the k-th step of one request, as in a power cut: a hook for a server.

Steps are: before the first statement, after each statement on PostgreSQL and before each on SQLite (begin and commit
are statements), and before the answer. `CRASH_PATH` is the request's path or its beginning, `CRASH_AT` the step. A
request with fewer steps is answered.
"""

import contextlib
import os
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

from backend.web.asgi import Message, Receive, Scope, Send
from backend.web.guard import Guard

QUERIES = {
    asyncpg.Connection: ("execute", "executemany", "fetch", "fetchrow", "fetchval"),
    PreparedStatement: ("fetch", "fetchrow", "fetchval", "executemany"),
}


class Steps:
    """Counts the steps of the first request that comes by the path."""

    def __init__(self, path: str, at: int) -> None:
        self.path = path
        self.left = at
        self.counting = False

    def step(self, *_: object) -> None:
        if not self.counting:
            return
        self.left -= 1
        if self.left == 0:
            os._exit(137)


def install() -> None:
    """Counts in this process from now on."""
    steps = Steps(os.environ["CRASH_PATH"], int(os.environ["CRASH_AT"]))
    _requests(steps)
    _sqlite(steps)
    _postgresql(steps)


def _requests(steps: Steps) -> None:
    inner = Guard.__call__

    async def counted(self: Guard, scope: Scope, receive: Receive, send: Send) -> None:
        if not str(scope.get("path", "")).startswith(steps.path) or scope.get("method") not in (
            "POST",
            "PATCH",
        ):
            await inner(self, scope, receive, send)
            return

        async def sender(message: Message) -> None:
            if message["type"] == "http.response.start":
                steps.step()
                steps.counting = False
            await send(message)

        steps.counting = True
        steps.step()
        await inner(self, scope, receive, sender)

    Guard.__call__ = counted  # type: ignore[method-assign]


def _sqlite(steps: Steps) -> None:
    connect = sqlite3.connect

    def counted(statement: str) -> None:
        if not statement.startswith("--"):  # what an index writes for itself is no step
            steps.step()

    def traced(*args: Any, **options: Any) -> sqlite3.Connection:
        made: sqlite3.Connection = connect(*args, **options)
        made.set_trace_callback(counted)
        return made

    sqlite3.connect = traced


def _postgresql(steps: Steps) -> None:
    def counted(query: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def call(*args: Any, **options: Any) -> Any:
            with contextlib.ExitStack() as after:
                after.callback(steps.step)
                return await query(*args, **options)

        return call

    for holder, names in QUERIES.items():
        for name in names:
            setattr(holder, name, counted(getattr(holder, name)))
