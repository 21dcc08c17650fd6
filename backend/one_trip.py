"""SQLite's statements in one visit each to the connection's thread.

The dialect visits it four times: for a cursor, the statement, its rows, and to close. Each visit wakes two threads,
which costs more than a small statement does.
"""

import collections
import sqlite3
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, Final

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)
from sqlalchemy.util import EMPTY_DICT
from sqlalchemy.util.concurrency import await_

_NOTHING: Final[Any] = SimpleNamespace(description=None, rowcount=-1, lastrowid=None, arraysize=1)


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """What a statement gave, all of it; no cursor stays open behind it."""

    __slots__ = ()

    def __init__(self, adapt_connection: Any) -> None:
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection
        self._cursor = _NOTHING
        self._rows = collections.deque()
        self._soft_closed_memoized = EMPTY_DICT

    async def _execute_async(self, operation: Any, parameters: Any) -> None:
        await self._visit(lambda raw: raw.execute(operation, parameters or ()))

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> None:
        await self._visit(lambda raw: raw.executemany(operation, seq_of_parameters))

    async def _visit(self, do: Callable[[sqlite3.Connection], sqlite3.Cursor]) -> None:
        raw: Any = self._connection

        def run() -> tuple[Any, Sequence[Any]]:
            made = do(raw._conn)
            rows = made.fetchall() if made.description else ()
            about = SimpleNamespace(
                description=made.description, rowcount=made.rowcount, lastrowid=made.lastrowid, arraysize=1
            )
            return about, rows

        self._cursor, rows = await raw._execute(run)
        self._rows = collections.deque(rows)

    async def _async_soft_close(self) -> None:
        return

    def close(self) -> None:
        self._rows.clear()


class _Connection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ()
    _cursor_cls = _Cursor


class OneTrip(AsyncAdapt_aiosqlite_dbapi):
    """The driver, for `create_async_engine(module=…)`."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)

    def connect(self, *args: Any, **named: Any) -> AsyncAdapt_aiosqlite_connection:
        connection: Any = aiosqlite.connect(*args, **named)
        connection._thread.daemon = True  # as the dialect has it: a process that ends waits for no connection
        return _Connection(self, await_(connection))
