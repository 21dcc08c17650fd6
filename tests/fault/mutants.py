"""The server with one fault, to see that the kills find it: hooks for a server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from backend.db import Database
from sync import push

_commit = Database.write
_tasks: set[asyncio.Task[None]] = set()
_pushes: ContextVar[bool] = ContextVar("pushes", default=False)
_later: ContextVar[list[tuple[Any, tuple[Any, ...]]] | None] = ContextVar("later", default=None)


def answers_before_the_commit() -> None:
    """The commit of a push follows its answer by 0.3 s."""

    @asynccontextmanager
    async def write(self: Database) -> AsyncIterator[AsyncConnection]:
        given: asyncio.Future[AsyncConnection] = asyncio.get_running_loop().create_future()
        used = asyncio.Event()
        pushes = False

        async def transaction() -> None:
            async with _commit(self) as conn:
                given.set_result(conn)
                await used.wait()
                await asyncio.sleep(0.3 if pushes else 0)

        task = asyncio.create_task(transaction())
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)
        try:
            yield await given
        finally:
            pushes = _pushes.get()
            used.set()
            if not pushes:
                await task

    async def begin(*arguments: Any) -> Any:
        _pushes.set(True)
        return await locked(*arguments)

    locked = push.store.begin
    Database.write = write  # type: ignore[method-assign]
    push.store.begin = begin


def counts_in_a_second_transaction() -> None:
    """Which operations were applied is written 0.3 s after the records, in a transaction of its own."""

    @asynccontextmanager
    async def write(self: Database) -> AsyncIterator[AsyncConnection]:
        pending: list[tuple[Any, tuple[Any, ...]]] = []
        _later.set(pending)
        async with _commit(self) as conn:
            yield conn
        if pending:
            await asyncio.sleep(0.3)
            async with _commit(self) as conn:
                for function, arguments in pending:
                    await function(conn, *arguments)

    def postponed(function: Any) -> Any:
        async def call(conn: AsyncConnection, *arguments: Any) -> None:
            pending = _later.get()
            assert pending is not None
            pending.append((function, arguments))

        return call

    Database.write = write  # type: ignore[method-assign]
    for name in ("save_operations", "save_pushes"):
        setattr(push.store, name, postponed(getattr(push.store, name)))


MUTANTS = tuple(each.__name__ for each in (answers_before_the_commit, counts_in_a_second_transaction))
