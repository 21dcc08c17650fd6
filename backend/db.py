"""The database: one engine, read() and write(). Every transaction of the application begins here."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

SQLITE_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # an acknowledged push survives a power cut, not only a killed process
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 15000",
)


class Database:
    """SQLite (one writer at a time) or PostgreSQL behind the same two calls.

    `write()` commits at a clean exit and undoes everything otherwise. On SQLite it is BEGIN IMMEDIATE under
    one lock of the process, so that writers queue here and never meet SQLITE_BUSY in the middle of their
    work.
    """

    def __init__(self, url: str, *, pool: int = 10) -> None:
        self.url = url
        parsed = make_url(url)
        self.sqlite = parsed.get_backend_name() == "sqlite"
        self._writer = asyncio.Lock() if self.sqlite else None
        options: dict[str, Any] = {"pool_size": pool, "max_overflow": 0, "pool_timeout": 30}
        if self.sqlite:
            if not parsed.database or parsed.database == ":memory:":
                raise sa.exc.ArgumentError("SQLite needs a file")
        else:
            options["pool_pre_ping"] = True
        self.engine: AsyncEngine = create_async_engine(url, **options)
        if self.sqlite:
            folder = Path(parsed.database or "").parent
            event.listen(
                self.engine.sync_engine, "do_connect", lambda *_: folder.mkdir(parents=True, exist_ok=True)
            )
            event.listen(self.engine.sync_engine, "connect", _sqlite_connect)
            event.listen(self.engine.sync_engine, "begin", _sqlite_begin)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection inside a transaction that is not meant to write. It sees one state on SQLite."""
        async with self.engine.connect() as conn, conn.begin():
            yield conn

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A connection inside a transaction that commits at a clean exit."""
        if self._writer is None:
            async with self.engine.begin() as conn:
                yield conn
            return
        async with self._writer, self.engine.connect() as conn:
            await conn.execution_options(mingcha_write=True)
            async with conn.begin():
                yield conn

    async def close(self) -> None:
        await self.engine.dispose()


def _sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself: `_sqlite_begin` does
    cursor = connection.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _sqlite_begin(connection: sa.Connection) -> None:
    write = connection.get_execution_options().get("mingcha_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def append_only(table: sa.Table) -> None:
    """Have the database itself refuse to change or remove rows of `table`, on both engines.

    For tables made by `metadata.create_all`; a migration writes the statements of `append_only_ddl` out.
    """
    for dialect in ("sqlite", "postgresql"):
        for statement in append_only_ddl(table.name, dialect):
            ddl = sa.DDL(statement).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", ddl)


def append_only_ddl(table: str, dialect: str) -> list[str]:
    """Statements that make a table refuse UPDATE and DELETE (and TRUNCATE on PostgreSQL)."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        (
            f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
        ),
        (
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
        ),
        (
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
        ),
    ]
