"""Photos that come at the same time share a transaction, and none of them another's fate."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.db import Database
from media.arrivals import MOST, Arrival, Arrivals
from media.tables import holder, photo
from tests.integration.custody.conftest import County, found_county
from tests.support.server import migrated

SAME = 3


@dataclass
class Counted:
    """Counts the transactions that were begun."""

    db: Database
    n: int = 0

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        self.n += 1
        async with self.db.write() as conn:
            yield conn


@pytest.fixture
async def county(database_url: str, tmp_path: Path) -> AsyncIterator[County]:
    made = await found_county(migrated(database_url), tmp_path)
    yield made
    made.rescue.close()
    await made.media.close()
    await made.db.close()


def arrivals(county: County) -> tuple[Arrivals, Counted]:
    counted = Counted(county.db)
    return Arrivals(counted, county.now, county.media._hooks), counted


def arrival(county: County, n: int, person: str = "inspector", **more: Any) -> Arrival:
    about: dict[str, Any] = {
        "org": county.org,
        "person": county.people[person],
        "device": None,
        "sha256": f"{n:064x}",
        "size": 9,
        "type": "image/jpeg",
    }
    return Arrival(**about | more)


async def rows(county: County, table: sa.Table) -> set[str]:
    async with county.db.read() as conn:
        return set(await conn.scalars(sa.select(table.c.sha256)))


async def test_those_that_wait_share_a_transaction_and_all_are_there_when_they_are_answered(
    county: County,
) -> None:
    entered, counted = arrivals(county)
    come = [arrival(county, n) for n in range(MOST + 10)]
    come += [arrival(county, n, "crew") for n in range(SAME)]  # the same photos, of another
    come += [arrival(county, n) for n in range(SAME)]  # and once more
    await asyncio.gather(*(entered.enter(one) for one in come))
    assert counted.n == 2
    assert len(await rows(county, photo)) == MOST + 10
    async with county.db.read() as conn:
        assert await conn.scalar(sa.select(sa.func.count()).select_from(holder)) == MOST + 10 + SAME
    await entered.enter(come[0])
    assert counted.n == 3


async def test_a_row_that_cannot_be_written_fails_its_own_photo_alone(county: County) -> None:
    entered, _ = arrivals(county)
    come = [arrival(county, 1), arrival(county, 2, size=None), arrival(county, 3)]
    told = await asyncio.gather(*(entered.enter(one) for one in come), return_exceptions=True)
    assert [type(one) for one in told] == [type(None), IntegrityError, type(None)]
    assert await rows(county, photo) == await rows(county, holder) == {f"{n:064x}" for n in (1, 3)}


async def test_who_is_stopped_ends_only_once_its_photo_is_there(county: County) -> None:
    entered, _ = arrivals(county)
    task = asyncio.create_task(entered.enter(arrival(county, 1)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await rows(county, photo) == {f"{1:064x}"}
