"""What an error from outside the program means for the caller: the code of a problem, or None for our own fault.

PostgreSQL's errors are told apart by SQLSTATE, SQLite's by name, the system's by errno. A caller that gets one of
these codes may send the same request again: nothing of it was stored, or it is answered again as it was.
Sources: PostgreSQL manual, appendix A; sqlite.org/rescode.html.
"""

import errno
import sqlite3
from collections.abc import Iterator
from typing import Final

import asyncpg
from sqlalchemy import exc

DATABASE_ERRORS: Final = (exc.SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
"""What may come out of a transaction when the database is away, full or busy (OSError: the connection itself)."""

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_HANDLES: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN})

_SQLSTATES: Final = {
    "53100": "storage_full",
    "25006": "read_only",
    "57014": "busy",  # cancelled by an administrator or after statement_timeout
    "25P03": "busy",  # idle_in_transaction_session_timeout: this process stood still
    "25P04": "busy",
    "XX001": "unavailable",
    "XX002": "unavailable",
}
_SQLSTATE_CLASSES: Final = {
    "08": "unavailable",  # connection
    "28": "unavailable",  # the password was changed meanwhile
    "3D": "unavailable",  # the database is being restored
    "40": "busy",  # deadlock, serialization
    "53": "busy",  # no connection, no memory
    "55": "busy",  # lock_timeout
    "57": "unavailable",  # shut down, crashed, starting
    "58": "unavailable",  # its disk
}
_SQLITE: Final = (
    ("SQLITE_FULL", "storage_full"),
    ("SQLITE_IOERR_SHMSIZE", "storage_full"),  # no room to let the index of the WAL grow
    ("SQLITE_BUSY", "busy"),
    ("SQLITE_LOCKED", "busy"),
    ("SQLITE_PROTOCOL", "busy"),
    ("SQLITE_NOMEM", "busy"),
    ("SQLITE_READONLY", "read_only"),
    ("SQLITE_IOERR", "unavailable"),
    ("SQLITE_CANTOPEN", "unavailable"),
    ("SQLITE_CORRUPT", "unavailable"),
    ("SQLITE_NOTADB", "unavailable"),
    ("SQLITE_INTERRUPT", "busy"),
)


class Waited(Exception):  # noqa: N818 - reads as what it says
    """A lock of this process was not to be had within the time that a request may wait."""


def trouble(error: BaseException) -> str | None:
    """`storage_full`, `busy`, `unavailable` or `read_only`; None when the cause lies in the program."""
    return next((code for each in _chain(error) if (code := _code(each)) is not None), None)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from: SQLAlchemy wraps a driver's error that wraps the server's."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop(0)
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [getattr(each, "orig", None), each.__cause__]
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions


def _code(error: BaseException) -> str | None:
    match error:
        case Waited() | exc.TimeoutError() | MemoryError():  # the second: no connection of the pool came free
            return "busy"
        case asyncpg.InterfaceError() | exc.PendingRollbackError():  # the connection broke in mid-transaction
            return "unavailable"
        case asyncpg.PostgresError():
            state = error.sqlstate or ""
            return _SQLSTATES.get(state) or _SQLSTATE_CLASSES.get(state[:2])
        case sqlite3.Error():
            name = getattr(error, "sqlite_errorname", "")
            return next((code for start, code in _SQLITE if name.startswith(start)), None)
        case OSError():
            if error.errno in _FULL:
                return "storage_full"
            return "busy" if error.errno in _NO_HANDLES else "unavailable"
    return None
