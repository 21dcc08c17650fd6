"""Statements straight to the driver, inside the transaction of a SQLAlchemy connection.

The engine's few statements carry hundreds of rows; SQLAlchemy's own way costs more than the database does.
Parameters are `$1`, `$2` … on both databases. Faults come as SQLAlchemy's, as everywhere else.
"""

import re
import sqlite3
from collections.abc import Sequence
from functools import cache
from typing import Any

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

_BEGIN = text("SELECT 1")


def postgresql(conn: AsyncConnection) -> bool:
    """Whether the connection is PostgreSQL's; else it is SQLite's."""
    return conn.dialect.name == "postgresql"


async def fetch(conn: AsyncConnection, sql: str, *args: Any) -> Sequence[Any]:
    """The rows of one statement, as sequences. Raises DBAPIError."""
    raw = await _driver(conn)
    try:
        if postgresql(conn):
            return await raw.fetch(sql, *args)  # type: ignore[no-any-return]
        return await raw.execute_fetchall(_numbered(sql), args)  # type: ignore[no-any-return]
    except Exception as error:
        raise await _wrapped(conn, raw, sql, error) from error


async def insert(
    conn: AsyncConnection, into: str, types: Sequence[str], rows: Sequence[Sequence[Any]], after: str = ""
) -> None:
    """`INSERT INTO <into>` of many rows at once, `types` being the PostgreSQL types of the columns.

    Raises DBAPIError.
    """
    if not rows:
        return
    raw = await _driver(conn)
    try:
        if postgresql(conn):
            arrays = ", ".join(f"${i}::{name}[]" for i, name in enumerate(types, 1))
            sql = f"INSERT INTO {into} SELECT * FROM unnest({arrays}){after}"  # noqa: S608 (our own names)
            await raw.execute(sql, *zip(*rows, strict=True))
        else:
            sql = f"INSERT INTO {into} VALUES ({', '.join('?' * len(types))}){after}"  # noqa: S608
            await raw.executemany(sql, rows)
    except Exception as error:
        raise await _wrapped(conn, raw, into, error) from error


async def append(
    conn: AsyncConnection, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Many rows that are known to be new: COPY on PostgreSQL, which takes half the time of an INSERT.

    Raises DBAPIError.
    """
    if not rows:
        return
    if not postgresql(conn):
        await insert(conn, f"{table} ({', '.join(columns)})", columns, rows)
        return
    raw = await _driver(conn)
    try:
        await raw.copy_records_to_table(table, columns=columns, records=rows)
    except Exception as error:
        raise await _wrapped(conn, raw, table, error) from error


async def _driver(conn: AsyncConnection) -> Any:
    proxied = await conn.get_raw_connection()
    raw: Any = proxied.driver_connection
    adapted: Any = proxied.dbapi_connection
    if postgresql(conn) and not adapted.autocommit and not raw.is_in_transaction():
        await conn.execute(_BEGIN)  # the dialect begins with its own first statement
    return raw


@cache
def _numbered(sql: str) -> str:
    return re.sub(r"\$(\d+)", r"?\1", sql)


async def _wrapped(conn: AsyncConnection, raw: Any, sql: str, error: Exception) -> Exception:
    """The fault as SQLAlchemy says it; a broken connection is given up."""
    if isinstance(error, asyncpg.InternalClientError):  # its end came while the statement was on its way
        error = asyncpg.InterfaceError(str(error))
    kinds: tuple[tuple[type[Exception] | tuple[type[Exception], ...], type[DBAPIError]], ...] = (
        ((asyncpg.IntegrityConstraintViolationError, sqlite3.IntegrityError), IntegrityError),
        ((asyncpg.DataError, sqlite3.DataError, ValueError), DataError),
        ((asyncpg.PostgresError, asyncpg.InterfaceError, sqlite3.Error, OSError), OperationalError),
    )
    for caught, raised in kinds:
        if isinstance(error, caught):
            lost = postgresql(conn) and (raw.is_closed() or isinstance(error, asyncpg.InterfaceError))
            if lost and not conn.invalidated:
                await conn.invalidate(error)
            return raised(sql, None, error, connection_invalidated=lost)
    return error
