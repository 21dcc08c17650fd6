from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from backend.db import Database
from sync import tables
from tests.contract.sync.company import Company
from tests.support.postgres import Postgres


@pytest.fixture(scope="session")
def emptied_url(postgres: Postgres) -> str:
    """One PostgreSQL database for all these tests, emptied before each: making one takes half a second."""
    return postgres.fresh()


@pytest.fixture(params=("sqlite", "postgresql"))
async def company(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Company]:
    """An empty company on each database in turn."""
    if request.param == "sqlite":
        db = Database(f"sqlite+aiosqlite:///{tmp_path / 'test.db'}")
    else:
        db = Database(request.getfixturevalue("emptied_url"))
        async with db.write() as conn:
            await conn.run_sync(tables.metadata.create_all)
            names = ", ".join(table.name for table in tables.metadata.sorted_tables)
            await conn.execute(text(f"TRUNCATE {names}"))
    yield await Company(db).open()
    await db.close()
