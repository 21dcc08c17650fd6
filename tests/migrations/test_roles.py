"""The roles of an older version are held from the account's start on, without an end."""

import pytest
import sqlalchemy as sa

from backend.access.grants import own, read
from backend.access.tables import account
from backend.db import Database
from backend.migrations.run import migrate

pytestmark = pytest.mark.timeout(300)

SINCE = "2026-11-25T00:00:00.000000Z"
BEFORE = (
    "INSERT INTO account (id, org, login, password_hash, roles, disabled, created_at, password_at)"
    f" VALUES ('p', 'o', 'li', '-', '[\"crew\", \"manager\"]', false, '{SINCE}', '{SINCE}')"
)


async def test_roles_become_grants_without_an_end(database_url: str) -> None:
    db = Database(database_url)
    try:
        await migrate(db, "0050")
        async with db.write() as conn:
            await conn.execute(sa.text(BEFORE))
        await migrate(db)
        async with db.read() as conn:
            grants = read(await conn.scalar(sa.select(account.c.grants)) or "")
        assert {(each.role, each.since, each.until) for each in grants} == {
            ("crew", SINCE, None),
            ("manager", SINCE, None),
        }
        assert own(grants, "2026-11-24T00:00:00.000000Z") == frozenset()
    finally:
        await db.close()
