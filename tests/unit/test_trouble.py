"""Each error from outside has the code that tells the phone what to do."""

import asyncio
import errno
import sqlite3

import asyncpg
import pytest
from sqlalchemy import exc

from backend.trouble import Waited, trouble


def wrapped(error: Exception) -> exc.DBAPIError:
    """As SQLAlchemy hands it on."""
    made = exc.DBAPIError("UPDATE org", {}, RuntimeError("the driver's"))
    made.orig.__cause__ = error  # type: ignore[union-attr]
    return made


def sqlite_error(name: str) -> sqlite3.Error:
    error = sqlite3.OperationalError(name)
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (asyncpg.DiskFullError("no space"), "storage_full"),
        (asyncpg.TooManyConnectionsError("full"), "busy"),
        (asyncpg.LockNotAvailableError("lock timeout"), "busy"),
        (asyncpg.QueryCanceledError("by an administrator"), "busy"),
        (asyncpg.DeadlockDetectedError("each other"), "busy"),
        (asyncpg.ReadOnlySQLTransactionError("a standby"), "read_only"),
        (asyncpg.CannotConnectNowError("starting"), "unavailable"),
        (asyncpg.AdminShutdownError("shutdown"), "unavailable"),
        (asyncpg.ConnectionDoesNotExistError("closed in mid-operation"), "unavailable"),
        (asyncpg.InterfaceError("connection is closed"), "unavailable"),
        (asyncpg.InvalidPasswordError("changed"), "unavailable"),
        (sqlite_error("SQLITE_FULL"), "storage_full"),
        (sqlite_error("SQLITE_IOERR_SHMSIZE"), "storage_full"),
        (sqlite_error("SQLITE_IOERR_WRITE"), "unavailable"),
        (sqlite_error("SQLITE_BUSY_SNAPSHOT"), "busy"),
        (sqlite_error("SQLITE_READONLY_DBMOVED"), "read_only"),
        (sqlite_error("SQLITE_CANTOPEN"), "unavailable"),
        (OSError(errno.ENOSPC, "no space"), "storage_full"),
        (OSError(errno.EDQUOT, "quota"), "storage_full"),
        (OSError(errno.EMFILE, "too many files"), "busy"),
        (OSError(errno.EIO, "the disk"), "unavailable"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), "unavailable"),
        (TimeoutError(), "unavailable"),
        (exc.TimeoutError("no connection of the pool"), "busy"),
        (exc.PendingRollbackError("broken"), "unavailable"),
        (Waited(), "busy"),
        (MemoryError(), "busy"),
    ],
)
def test_an_error_from_outside_is_told_by_its_code(error: Exception, code: str) -> None:
    assert trouble(error) == code
    assert trouble(wrapped(error)) == code
    assert trouble(ExceptionGroup("several", [error])) == code


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.UniqueViolationError("twice"),
        asyncpg.UndefinedTableError("no such table"),
        sqlite_error("SQLITE_CONSTRAINT"),
        ZeroDivisionError(),
        KeyError("n"),
        exc.NoResultFound(),
        asyncio.CancelledError(),
    ],
)
def test_a_fault_of_the_program_is_not_hidden_behind_a_code(error: BaseException) -> None:
    assert trouble(error) is None
    if isinstance(error, Exception):
        assert trouble(wrapped(error)) is None
