"""Statements straight to the driver, inside the transaction of a SQLAlchemy connection.

The engine's few statements carry hundreds of rows; SQLAlchemy's own way costs more than the database does.
Parameters are `$1`, `$2` … on both databases. Faults come as SQLAlchemy's, as everywhere else.
"""

import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import cache
from itertools import chain
from typing import Any, NamedTuple, TypeVar

import asyncpg
import msgspec
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

_T = TypeVar("_T")

TOGETHER = 32
"""Rows of one SQLite statement. For each statement its thread gives Python's lock away and waits to have it back."""


def postgresql(conn: AsyncConnection) -> bool:
    """Whether the connection is PostgreSQL's; else it is SQLite's."""
    return conn.dialect.name == "postgresql"


def any_of(conn: AsyncConnection, n: int) -> str:
    """A list as the n-th parameter (`listed`), so that the statement's text stays the same for any length."""
    return any_on(postgresql(conn), n)


def any_on(postgres: bool, n: int) -> str:
    """`any_of` for a statement that is put together once for each database."""
    if postgres:
        return f"= ANY(${n}::text[])"
    return f"IN (SELECT value FROM json_each(${n}))"  # noqa: S608


def listed(conn: AsyncConnection, values: Sequence[str]) -> Any:
    """A list as a parameter."""
    return list(values) if postgresql(conn) else msgspec.json.encode(values).decode()


async def fetch(conn: AsyncConnection, sql: str, *args: Any) -> Sequence[Any]:
    """The rows of one statement, as sequences. Raises DBAPIError."""
    raw = await _driver(conn)
    try:
        if postgresql(conn):
            return await raw.fetch(sql, *args)  # type: ignore[no-any-return]
        return await raw.execute_fetchall(_numbered(sql), args)  # type: ignore[no-any-return]
    except Exception as error:
        raise await _wrapped(conn, raw, sql, error) from error


async def fetch_each(conn: AsyncConnection, *asked: tuple[str, Sequence[Any]]) -> Sequence[Sequence[Any]]:
    """The rows of several statements, one after the other; on SQLite, one visit to its thread for all.

    Raises DBAPIError.
    """
    if postgresql(conn):
        return [await fetch(conn, sql, *args) for sql, args in asked]
    raw = await _driver(conn)

    def all_of_them() -> Sequence[Sequence[Any]]:
        return [raw._conn.execute(_numbered(sql), args).fetchall() for sql, args in asked]

    return await _in_thread(conn, raw, asked[0][0], all_of_them)


class Insert(NamedTuple):
    """Many rows for `table`. `types` are the PostgreSQL types of the columns, `after` what follows the values.

    `made` gives the values of each of `rows`. Rows known to be `new` are sent by COPY on PostgreSQL, which takes half
    the time of an INSERT: one by one, or some together as `copied` spells them (count of the fields and each `field`);
    so the database works on the first while the last are not there yet.
    """

    table: str
    columns: Sequence[str]
    types: Sequence[str]
    rows: Sequence[Any]
    after: str = ""
    new: bool = False
    made: Callable[[Any], Sequence[Any]] = tuple
    copied: Callable[[Sequence[Any]], Iterable[bytes]] | None = None


def field(type_: str, value: Any) -> bytes:
    """A value of a row in COPY's binary form: its length and its bytes (PostgreSQL manual, "COPY": Binary Format)."""
    if value is None:
        return b"\xff\xff\xff\xff"
    width = _WIDTHS.get(type_)
    data = (
        value.to_bytes(width, "big", signed=True) if width else value.encode() if type_ == "TEXT" else value
    )
    return b"".join((len(data).to_bytes(4, "big"), data))


_WIDTHS = {"BIGINT": 8, "INTEGER": 4, "SMALLINT": 2}  # bytes


async def _binary(rows: Iterable[bytes]) -> AsyncIterator[bytes]:
    yield b"PGCOPY\n\xff\r\n\x00" + bytes(8)
    for some in rows:
        yield some
    yield b"\xff\xff"


async def insert(conn: AsyncConnection, *inserts: Insert) -> None:
    """Writes rows, one insert after the other; on SQLite, one visit to its thread for all. Raises DBAPIError."""
    inserts = tuple(each for each in inserts if each.rows)
    if not inserts:
        return
    raw = await _driver(conn)
    if not postgresql(conn):

        def all_of_them() -> None:
            for each in inserts:
                made = list(map(each.made, each.rows))
                whole = len(made) - len(made) % TOGETHER
                if whole:
                    raw._conn.executemany(
                        _values(each, TOGETHER),
                        [
                            tuple(chain.from_iterable(made[start : start + TOGETHER]))
                            for start in range(0, whole, TOGETHER)
                        ],
                    )
                raw._conn.executemany(_values(each, 1), made[whole:])

        await _in_thread(conn, raw, inserts[0].table, all_of_them)
        return
    for each in inserts:
        try:
            if each.new and each.copied is not None:
                await raw.copy_to_table(
                    each.table, columns=each.columns, source=_binary(each.copied(each.rows)), format="binary"
                )
            elif each.new:
                await raw.copy_records_to_table(
                    each.table, columns=each.columns, records=map(each.made, each.rows)
                )
            else:
                arrays = ", ".join(f"${i}::{name}[]" for i, name in enumerate(each.types, 1))
                sql = f"INSERT INTO {_into(each)} SELECT * FROM unnest({arrays}){each.after}"  # noqa: S608
                await raw.execute(sql, *zip(*map(each.made, each.rows), strict=True))
        except Exception as error:
            raise await _wrapped(conn, raw, each.table, error) from error


def _values(each: Insert, rows: int) -> str:
    """The statement for so many rows, on SQLite."""
    row = f"({', '.join('?' * len(each.columns))})"
    return f"INSERT INTO {_into(each)} VALUES {', '.join([row] * rows)}{each.after}"  # noqa: S608 (our own names)


def _into(each: Insert) -> str:
    return f"{each.table} ({', '.join(each.columns)})"


async def _in_thread(conn: AsyncConnection, raw: Any, sql: str, do: Callable[[], _T]) -> _T:
    """Runs `do` in the thread that alone may use this SQLite connection."""
    try:
        return await raw._execute(do)  # type: ignore[no-any-return]
    except Exception as error:
        raise await _wrapped(conn, raw, sql, error) from error


async def _driver(conn: AsyncConnection) -> Any:
    proxied = await conn.get_raw_connection()
    raw: Any = proxied.driver_connection
    adapted: Any = proxied.dbapi_connection
    if postgresql(conn) and not adapted.autocommit and not raw.is_in_transaction():
        await adapted._start_transaction()  # as the dialect does before a first statement of its own
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
