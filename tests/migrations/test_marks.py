"""Photos of an older version are queued for the comparison with others."""

import pytest
import sqlalchemy as sa

from backend.db import Database
from backend.migrations.run import migrate

pytestmark = pytest.mark.timeout(120)

BEFORE = (
    "INSERT INTO photo (org, sha256, size, type, stored_at, by, device, derived, facts)"
    " VALUES ('{org}', '{sha}', 1, 'image/jpeg', '2026-11-25 00:00:00', 'p', NULL, 'done', '{{}}')"
)


async def test_each_company_with_photos_gets_a_job_that_looks_at_them(database_url: str) -> None:
    db = Database(database_url)
    try:
        await migrate(db, "0030")
        async with db.write() as conn:
            for org, sha in (("a", "1"), ("a", "2"), ("b", "1")):
                await conn.execute(sa.text(BEFORE.format(org=org, sha=sha).replace("by,", '"by",')))
        await migrate(db)
        async with db.read() as conn:
            jobs = (
                await conn.execute(sa.text("SELECT org, name, payload, state FROM job ORDER BY org"))
            ).all()
        assert [tuple(job) for job in jobs] == [
            ("a", "resemble", "{}", "waiting"),
            ("b", "resemble", "{}", "waiting"),
        ]
    finally:
        await db.close()
