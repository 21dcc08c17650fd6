"""A reader of the feed beside writers that commit in any order, on PostgreSQL: nothing is missed.

The second test shows that the first can fail. The proof `cursor` (tests/prove) runs both longer.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from backend.db import Database
from tests.contract.sync.company import Company
from tests.contract.sync.race import numbers_from_a_sequence, race


@pytest.fixture
async def company(postgres_url: str) -> AsyncIterator[Company]:
    db = Database(postgres_url, pool=12)
    yield await Company(db).open()
    await db.close()


async def test_a_reader_beside_concurrent_writers_misses_nothing(company: Company) -> None:
    run = await race(company)
    assert len(run.written) == 400
    assert run.seen == run.written


async def test_the_same_reader_misses_changes_when_numbers_come_from_a_sequence(company: Company) -> None:
    async with company.db.write() as conn:
        await conn.execute(text("CREATE SEQUENCE numbers"))
    with numbers_from_a_sequence():
        run = await race(company)
    assert run.seen < run.written


async def test_only_the_store_writes_numbers() -> None:
    """Whoever writes `record` or moves `seq` without `sync.store` would break the feed's order."""
    root = Path(__file__).parents[3]
    writers = {
        path.relative_to(root).as_posix()
        for folder in ("sync", "backend", "media")
        for path in (root / folder).rglob("*.py")
        if "migrations" not in path.parts
        and any(
            word in path.read_text("utf-8")
            for word in (
                "UPDATE org ",
                "INTO scope_head",
                "UPDATE scope_head",
                "UPDATE record",
                "INTO record",
                "record.update(",
                "record.insert(",
            )
        )
    }
    assert writers <= {"sync/store.py"}
