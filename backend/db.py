"""The database: one engine, read() and write(). Every transaction of the application begins here."""

import asyncio
import errno
import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import PoolResetState

from backend.one_trip import OneTrip
from backend.trouble import Waited

SQLITE_PRAGMAS: Final = (
    "PRAGMA page_size = 8192",  # of a new file: five records a page, no longer two; a bulk push takes a tenth less
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # an acknowledged push survives a power cut, not only a killed process
    "PRAGMA foreign_keys = ON",
    "PRAGMA wal_autocheckpoint = 4000",  # 32 MB: a checkpoint costs as much as ten pushes
    "PRAGMA cache_size = -65536",
)
PATIENCE: Final = 3  # a PostgreSQL that says nothing for so many times `wait_s` is given up


def chunks(values: Sequence[str], size: int = 500) -> Iterable[Sequence[str]]:
    """SQLite bounds the number of parameters of one statement."""
    return (values[i : i + size] for i in range(0, len(values), size))


class Database:
    """SQLite (one writer at a time) or PostgreSQL behind the same two calls.

    `write()` commits at a clean exit and undoes everything otherwise. On SQLite it is BEGIN IMMEDIATE under
    one lock of the process, so that writers queue here and never meet SQLITE_BUSY in the middle of their
    work.

    `wait_s` bounds how long a transaction waits for a lock or a free connection. `bounded` is for a server's
    requests, not for migrations: a statement that takes PATIENCE times as long is given up, and a process that
    stands still in a transaction loses it to the others.
    """

    def __init__(self, url: str, *, pool: int = 10, wait_s: float = 15, bounded: bool = False) -> None:
        self.url = url
        self.wait_s = wait_s
        parsed = make_url(url)
        self.sqlite = parsed.get_backend_name() == "sqlite"
        self._writer = asyncio.Lock() if self.sqlite else None
        options: dict[str, Any] = {"pool_size": pool, "max_overflow": 0, "pool_timeout": wait_s}
        if self.sqlite and (not parsed.database or parsed.database == ":memory:"):
            raise sa.exc.ArgumentError("SQLite needs a file")
        if bounded and not self.sqlite:
            options["connect_args"] = _bounds(wait_s)
        if self.sqlite:
            options["pool_reset_on_return"] = None  # `_sqlite_reset` does it, if there is anything to undo
            options["module"] = OneTrip()
        self.engine: AsyncEngine = create_async_engine(url, **options)
        # A statement sees one state on PostgreSQL; without BEGIN and ROLLBACK around it, a read is one trip.
        self._reader = (
            self.engine if self.sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        )
        self._snapshots = (
            self.engine
            if self.sqlite
            else self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        )
        if not self.sqlite:
            event.listen(self.engine.sync_engine, "checkout", _postgresql_checkout)
        self._file = Path(parsed.database or "") if self.sqlite else None
        self._found: tuple[int, int] | None = None  # the file in use: device and inode
        if self._file is not None:
            event.listen(self.engine.sync_engine, "do_connect", self._sqlite_folder)
            event.listen(self.engine.sync_engine, "connect", self._sqlite_connect)
            event.listen(self.engine.sync_engine, "begin", _sqlite_begin)
            event.listen(self.engine.sync_engine, "reset", _sqlite_reset)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection that is not meant to write. On SQLite all its statements see one state."""
        async with self._connection(self._reader) as conn, conn.begin():
            yield conn

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reading whose statements all see one state of the database."""
        async with self._connection(self._snapshots) as conn, conn.begin():
            yield conn

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A connection inside a transaction that commits at a clean exit."""
        if self._writer is None:
            async with self._connection(self.engine) as conn, conn.begin():
                yield conn
            return
        await self._queue(self._writer)
        try:
            async with self._connection(self.engine) as conn:
                await conn.execution_options(mingcha_write=True)
                async with conn.begin():
                    yield conn
        finally:
            self._writer.release()

    async def _queue(self, writer: asyncio.Lock) -> None:
        """Take the writer's place. Raises Waited."""
        try:
            async with asyncio.timeout(self.wait_s):
                await writer.acquire()
        except TimeoutError:
            raise Waited from None

    @asynccontextmanager
    async def _connection(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        """A connection of the pool; one that did not answer in time is thrown away, not waited for."""
        self._still_there()
        async with engine.connect() as conn:
            try:
                yield conn
            except TimeoutError:
                await conn.invalidate()
                raise

    async def close(self) -> None:
        await self.engine.dispose()

    def _still_there(self) -> None:
        """What is written into a file that lost its name is lost with it. Raises OSError."""
        if self._file is None or self._found is None:
            return
        now = self._file.stat()
        if (now.st_dev, now.st_ino) != self._found:
            raise OSError(
                errno.ESTALE, "another file lies where the database was: start again", str(self._file)
            )

    def _sqlite_folder(self, *_: Any) -> None:
        """Makes the folder before the first connection, never again."""
        if self._file is not None and self._found is None:
            self._file.parent.mkdir(parents=True, exist_ok=True)

    def _sqlite_connect(self, connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself: `_sqlite_begin` does
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(self.wait_s * 1000)}")
        for pragma in SQLITE_PRAGMAS:
            cursor.execute(pragma)
        cursor.close()
        if self._file is not None and self._found is None:
            made = self._file.stat()
            self._found = (made.st_dev, made.st_ino)


def _bounds(wait_s: float) -> dict[str, Any]:
    """What keeps a request from waiting for ever: asyncpg's and PostgreSQL's own limits."""
    return {
        "timeout": wait_s,
        "command_timeout": PATIENCE * wait_s,
        "server_settings": {
            "lock_timeout": f"{int(wait_s * 1000)}ms",
            "idle_in_transaction_session_timeout": f"{int(2 * PATIENCE * wait_s)}s",
        },
    }


def _postgresql_checkout(connection: Any, _record: Any, _proxy: Any) -> None:
    """A connection whose end asyncpg has seen is not handed out, nor its like; asking costs no trip."""
    if connection.driver_connection.is_closed():
        raise sa.exc.InvalidatePoolError


def _sqlite_begin(connection: sa.Connection) -> None:
    """Straight to the driver: through a cursor of the dialect it takes four visits to the connection's thread."""
    write = connection.get_execution_options().get("mingcha_write", False)
    statement = "BEGIN IMMEDIATE" if write else "BEGIN"
    adapted: Any = connection.connection.dbapi_connection
    try:
        adapted.run_async(lambda raw: raw.execute_fetchall(statement))
    except sqlite3.Error as error:
        raise sa.exc.OperationalError(statement, None, error) from error


def _sqlite_reset(connection: Any, _record: Any, state: PoolResetState) -> None:
    if state.asyncio_safe and connection.driver_connection.in_transaction:
        connection.rollback()


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
