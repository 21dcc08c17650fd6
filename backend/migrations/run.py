"""Bring a database to the newest schema, and write new migrations."""

import tempfile
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from backend.db import Database
from backend.schema import METADATA

LOCK = 0x6D696E67  # one migrating process at a time on PostgreSQL; SQLite has its writer's lock


class Unready(Exception):  # noqa: N818 - reads as what it says
    """The database is not at the schema of this program. The text says what to do."""


def config(connection: sa.Connection | None = None) -> Config:
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    made.set_main_option("path_separator", "os")
    made.set_main_option("file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(rev)s_%%(slug)s")
    made.attributes["connection"] = connection
    return made


async def migrate(db: Database, revision: str = "head") -> str:
    """All steps in one transaction: the database is at the new schema or where it was. Gives its revision.
    Unready when a newer program made it.
    """

    at, head = await current(db)
    if at is not None and not _known(at):
        raise _newer(at, head)

    def upgrade(connection: sa.Connection) -> str:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        command.upgrade(config(connection), revision)
        return MigrationContext.configure(connection).get_current_revision() or ""

    async with db.write() as conn:
        return await conn.run_sync(upgrade)


async def current(db: Database) -> tuple[str | None, str | None]:
    """The database's revision and the program's newest."""
    async with db.read() as conn:
        at = await conn.run_sync(lambda c: MigrationContext.configure(c).get_current_revision())
    return at, ScriptDirectory.from_config(config()).get_current_head()


async def check(db: Database) -> None:
    """Unready when the database is older or newer than this program."""
    at, head = await current(db)
    if at == head:
        return
    if at is None:
        raise Unready("the database has no tables yet: run `mingcha migrate`")
    if _known(at):
        raise Unready(f"the database is at {at}, this version needs {head}: run `mingcha migrate`")
    raise _newer(at, head)


def _known(revision: str) -> bool:
    return revision in {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}


def _newer(at: str, head: str | None) -> Unready:
    return Unready(
        f"the database is at {at}, this version knows nothing newer than {head}: "
        "a newer Mingcha has used it, run that one"
    )


def compared(name: str | None, kind: str, _parents: object) -> bool:
    """Not the index of words: SQLite's is five tables of its own, PostgreSQL's is over an expression."""
    return kind not in ("table", "index") or not (name or "").startswith(("listing_words", "listing_letters"))


async def differences(db: Database) -> list[object]:
    """What the tables in the code have that the database has not, and the other way."""
    async with db.read() as conn:
        return await conn.run_sync(
            lambda c: list(
                compare_metadata(
                    MigrationContext.configure(c, opts={"compare_type": True, "include_name": compared}),
                    list(METADATA),  # type: ignore[arg-type]
                )
            )
        )


async def write_migration(why: str, now: datetime) -> Path:
    """A new migration with what differs between the newest one and the tables in the code. To be read
    before use.
    """
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite+aiosqlite:///{folder}/empty.db")
        try:
            scripts = ScriptDirectory.from_config(config())
            number = len(list(scripts.walk_revisions())) + 1
            if number > 1:
                await migrate(db)

            def write(connection: sa.Connection) -> Path:
                script = command.revision(
                    config(connection), message=why, autogenerate=True, rev_id=f"{number:04}"
                )
                if script is None or isinstance(script, list):
                    raise RuntimeError("Alembic wrote no single migration")
                return Path(script.path)

            async with db.write() as conn:
                return await conn.run_sync(write)
        finally:
            await db.close()
