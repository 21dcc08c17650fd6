"""A migrated database is the one that the code's tables describe, on both engines."""

import asyncio
import re

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError

from backend import audit
from backend.clock import utc_now
from backend.db import Database
from backend.migrations.run import current, differences, migrate
from backend.schema import METADATA

pytestmark = pytest.mark.timeout(120)

CATALOG = {
    # Not the text of CREATE TABLE: a column that was added later stands at its end.
    "sqlite": """
        SELECT 'column', m.name || '.' || c.name,
               c.type || ' ' || c."notnull" || ' ' || coalesce(c.dflt_value, '-') || ' ' || c.pk
        FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c WHERE m.type = 'table'
        UNION ALL SELECT 'shape', name, type || ' ' || wr || ' ' || strict FROM pragma_table_list
               WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'
        UNION ALL SELECT 'unique', m.name, group_concat(i.name || ':' || c.name)
               FROM sqlite_master AS m JOIN pragma_index_list(m.name) AS i
               JOIN pragma_index_info(i.name) AS c
               WHERE m.type = 'table' AND i.origin = 'u' GROUP BY m.name
        UNION ALL SELECT 'foreign', m.name, f."table" || ' ' || f."from" || ' ' || f."to" || ' ' || f.on_delete
               FROM sqlite_master AS m JOIN pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table'
        UNION ALL SELECT type, name, sql FROM sqlite_master
               WHERE type <> 'table' AND name NOT LIKE 'sqlite_%' AND sql IS NOT NULL
    """,
    "postgresql": """
        SELECT 'column', table_name || '.' || column_name, concat_ws(' ', data_type, is_nullable,
               column_default, collation_name, character_maximum_length) FROM information_schema.columns
        WHERE table_schema = 'public'
        UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(c.oid) FROM pg_constraint c
               JOIN pg_namespace n ON n.oid = connamespace WHERE nspname = 'public'
        UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT 'function', proname, prosrc FROM pg_proc p
               JOIN pg_namespace n ON n.oid = pronamespace
               WHERE nspname = 'public'
    """,
}


async def catalog(db: Database) -> set[tuple[str, str, str]]:
    """Everything that the database knows of its tables, in one form."""
    async with db.read() as conn:
        found = await conn.execute(sa.text(CATALOG[conn.dialect.name]))
        return {
            (kind, name, re.sub(r'[\s"]+', "", definition)) for kind, name, definition in found
            if "alembic" not in name
        }  # fmt: skip


async def create_all(db: Database) -> None:
    async with db.write() as conn:
        for metadata in METADATA:
            await conn.run_sync(metadata.create_all)


async def test_the_migrated_schema_equals_the_tables_in_the_code(
    database_url: str, postgres, tmp_path
) -> None:
    migrated = Database(database_url)
    other_url = f"sqlite+aiosqlite:///{tmp_path / 'other.db'}" if migrated.sqlite else postgres.fresh()
    created = Database(other_url)
    try:
        await migrate(migrated)
        await create_all(created)
        assert await differences(migrated) == []
        left, right = await catalog(migrated), await catalog(created)
        assert left - right == set()
        assert right - left == set()
        assert len(left) > 20
    finally:
        await migrated.close()
        await created.close()


async def test_migrating_again_changes_nothing_and_many_at_once_agree(database_url: str) -> None:
    first, second = Database(database_url), Database(database_url)
    try:
        await asyncio.gather(migrate(first), migrate(second))
        at, head = await current(first)
        assert at == head
        assert await migrate(first) == head
    finally:
        await first.close()
        await second.close()


async def test_an_audit_line_cannot_be_changed_or_removed(database_url: str) -> None:
    db = Database(database_url)
    try:
        await migrate(db)
        async with db.write() as conn:
            await audit.append(conn, utc_now(), "org", "session.opened", person="p")
        for statement in ("UPDATE audit SET action = 'x'", "DELETE FROM audit"):
            with pytest.raises((IntegrityError, DBAPIError), match="append-only"):
                async with db.write() as conn:
                    await conn.execute(sa.text(statement))
        if not db.sqlite:
            with pytest.raises(DBAPIError, match="append-only"):
                async with db.write() as conn:
                    await conn.execute(sa.text("TRUNCATE audit"))
        async with db.read() as conn:
            assert await conn.scalar(sa.text("SELECT action FROM audit")) == "session.opened"
    finally:
        await db.close()


async def test_a_migration_that_fails_leaves_the_database_where_it_was(
    database_url: str, monkeypatch
) -> None:
    from alembic import op

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("power cut")

    db = Database(database_url)
    try:
        monkeypatch.setattr(op, "execute", broken)
        with pytest.raises(RuntimeError, match="power cut"):
            await migrate(db)
        monkeypatch.undo()
        assert await catalog(db) == set()
        await migrate(db)
    finally:
        await db.close()
